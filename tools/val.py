"""Measure a detector per class: `yolo-fer val`."""

from yolo_fer.cli.main import main

if __name__ == "__main__":
    main("val")
