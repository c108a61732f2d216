"""Train a detector: `yolo-fer train`."""

from yolo_fer.cli.main import main

if __name__ == "__main__":
    main("train")
