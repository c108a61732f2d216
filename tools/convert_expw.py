"""Convert ExpW to YOLO format: `yolo-fer convert expw`."""

from yolo_fer.cli.main import main

if __name__ == "__main__":
    main("convert", "expw")
