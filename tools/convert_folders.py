"""Convert a folder per emotion to YOLO format: `yolo-fer convert folders`."""

from yolo_fer.cli.main import main

if __name__ == "__main__":
    main("convert", "folders")
