"""From raw datasets to YOLO folders whose every row is accounted for."""
