"""Check a set before it is trained on: `yolo-fer check`."""

from yolo_fer.cli.main import main

if __name__ == "__main__":
    main("check")
