"""Aff-Wild2: videos or crops with a label file per person, to a YOLO folder."""
