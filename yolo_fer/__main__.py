"""`python -m yolo_fer`: the same as the `yolo-fer` command."""

from yolo_fer.cli.main import main

if __name__ == "__main__":
    main()
