"""Convert RAF-DB to YOLO format: `yolo-fer convert rafdb`."""

from yolo_fer.cli.main import main

if __name__ == "__main__":
    main("convert", "rafdb")
