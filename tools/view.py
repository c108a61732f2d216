"""Draw contact sheets and plots of a converted set: `yolo-fer view`."""

from yolo_fer.cli.main import main

if __name__ == "__main__":
    main("view")
