"""Convert ExpW to YOLO format: the same as `yolo-fer convert expw`."""

import sys

from yolo_fer.cli.main import main

if __name__ == "__main__":
    sys.argv[1:1] = ["convert", "expw"]
    main()
