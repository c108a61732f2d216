"""OpenCV Zoo's network for expressions: what has to be known of it, since its file does not say.

A MobileFaceNet of J. Jiang and W. Deng, "Boosting Facial Expression Recognition by A
Semi-Supervised Progressive Teacher", IEEE Transactions on Affective Computing 2021, trained on
RAF-DB, of whose test faces it names 88.3 % right by OpenCV Zoo's own account. Class order,
normalisation and the places of the landmarks are those of its `facial_fer_model.py`.
"""

from __future__ import annotations

from yolo_fer.weights.registry import REGISTRY

NAMES = ("angry", "disgust", "fearful", "happy", "neutral", "sad", "surprised")
SIZE = 112  # pixels of the square input
MEAN = STD = (0.5, 0.5, 0.5)
LANDMARKS = (
    (38.2946, 51.6963),
    (73.5318, 51.5014),
    (56.0252, 71.7366),
    (41.5493, 92.3655),
    (70.7299, 92.2041),
)
"""Where both eyes, the nose and both corners of the mouth lie in the input, those of ArcFace."""

_NAMES_OF_FILES = ("opencv-zoo-fer", "opencv-zoo-fer-int8")


def is_opencv_zoo(sha256: str) -> bool:
    """Tell whether a file with this hash is the network, in floating-point numbers or 8 bits."""
    return any(e.sha256 == sha256 for e in REGISTRY if e.name in _NAMES_OF_FILES)
