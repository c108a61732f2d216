"""Two-stage systems: a face finder, then a classifier of face crops."""
