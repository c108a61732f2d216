"""Merge converted sets: `yolo-fer merge`."""

from yolo_fer.cli.main import main

if __name__ == "__main__":
    main("merge")
