"""Convert AffectNet to YOLO format: `yolo-fer convert affectnet`."""

from yolo_fer.cli.main import main

if __name__ == "__main__":
    main("convert", "affectnet")
