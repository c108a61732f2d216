"""A result with one or two faces, and an even grey image that it is about."""

from __future__ import annotations

import numpy as np

from yolo_fer import Prediction
from yolo_fer.results import FacePrediction

HAPPY = FacePrediction((100, 60, 260, 240), (0.05, 0, 0, 0.31, 0.05, 0.04, 0.05))
SAD = FacePrediction((300, 80, 380, 180), (0, 0, 0, 0, 0.4, 0, 0))
GREY = np.full((300, 400, 3), 128, np.uint8)


def result(*faces: FacePrediction, source: str = "", held: bool = True) -> Prediction:
    return Prediction(source, 400, 300, faces, image=GREY if held else None)
