"""Training classifiers of face crops."""
