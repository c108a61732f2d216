"""Convert Aff-Wild2 to YOLO format: `yolo-fer convert affwild2`."""

from yolo_fer.cli.main import main

if __name__ == "__main__":
    main("convert", "affwild2")
