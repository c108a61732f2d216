"""Training: detectors, classifiers of face crops, and MTCNN with an expression head."""
