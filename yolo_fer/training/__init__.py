"""Training a detector: Ultralytics behind defaults that suit faces and small machines."""
