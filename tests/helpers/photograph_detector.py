"""A detector whose answer is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from yolo_fer.emotions import Emotion
from yolo_fer.results import FacePrediction, Prediction


class SaysInPhotographs:
    """A detector that finds one face in each image, always at the same place, or none in any."""

    def __init__(
        self, box: tuple[float, float, float, float] | None, emotion: Emotion = Emotion.ANGER
    ) -> None:
        self.box, self.scores = box, tuple(float(e is emotion) for e in Emotion)

    def predict(self, images: Sequence[np.ndarray]) -> list[Prediction]:
        faces = () if self.box is None else (FacePrediction(self.box, self.scores),)
        return [Prediction("", image.shape[1], image.shape[0], faces) for image in images]
