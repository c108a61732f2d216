"""Find faces and name their expressions: `yolo-fer predict`."""

from yolo_fer.cli.main import main

if __name__ == "__main__":
    main("predict")
