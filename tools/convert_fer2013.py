"""Convert FER2013 to YOLO format: `yolo-fer convert fer2013`."""

from yolo_fer.cli.main import main

if __name__ == "__main__":
    main("convert", "fer2013")
