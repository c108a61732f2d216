"""From a classifier's own classes to the seven expressions."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from yolo_fer.boxes import Boxes, widen
from yolo_fer.emotions import Emotion, match_class_names
from yolo_fer.errors import YoloFerError, YoloFerWarning
from yolo_fer.images import Image
from yolo_fer.two_stage.classifier import Classifier
from yolo_fer.two_stage.cutting import cut_squares


class Namer:
    """Tells how probable each of the seven expressions is for faces in an image.

    Classes that are no emotion of ours, such as contempt, are left out and the others brought to a
    sum of 1 again. An emotion that the classifier has no class for has the probability 0.

    Args:
        classifier: of face crops.

    Raises:
        YoloFerError: if none of its classes names an emotion, or two name the same one.
    """

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        try:
            mapped, foreign = match_class_names(dict(enumerate(classifier.names)))
        except YoloFerError as error:
            raise YoloFerError(f"{classifier.name}: {error}") from error
        self._columns = np.array([*mapped], np.intp)
        self._emotions = np.array([*mapped.values()], np.intp)
        _warn(classifier.name, foreign, [e.label for e in Emotion if e not in mapped.values()])

    def probabilities(self, image: Image, squares: Boxes) -> NDArray[np.float64]:
        """Name the faces of an image, all of them in one batch.

        Args:
            image: (height, width, 3) BGR.
            squares: (N, 4) corners of the faces in ExpW's convention.

        Returns:
            (N, 7) in the order of `Emotion`.
        """
        margin = (self._classifier.description.margin - 1) / 2
        own = self._classifier.classify(cut_squares(image, widen(squares, margin)))
        named = np.zeros((len(squares), len(Emotion)))
        named[:, self._emotions] = own[:, self._columns]
        return np.asarray(named / np.maximum(named.sum(axis=1, keepdims=True), 1e-12))


def _warn(name: str, foreign: list[str], absent: list[str]) -> None:
    if foreign:
        warnings.warn(
            f"{name}: these classes are no emotions of ours and are left out, the others scaled "
            f"to a sum of 1: {', '.join(foreign)}",
            YoloFerWarning,
            stacklevel=3,
        )
    if absent:
        warnings.warn(
            f"{name}: it has no class for {', '.join(absent)}; their scores are 0",
            YoloFerWarning,
            stacklevel=3,
        )
