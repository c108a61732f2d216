"""Converting raw datasets to YOLO folders; every row of their labels is accounted for."""
