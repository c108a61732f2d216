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
from yolo_fer.two_stage.cutting import align_faces, cut_squares


class Namer:
    """Tells how probable each of the seven expressions is for faces in an image.

    Classes that are none of the seven emotions, such as contempt, are left out and the others
    brought to a sum of 1 again. An emotion that the classifier has no class for has the
    probability 0.

    Args:
        classifier: the classifier of face crops.

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

    @property
    def needs_landmarks(self) -> bool:
        """Whether the classifier sees faces that are aligned by their landmarks."""
        return self._classifier.landmarks is not None

    def probabilities(
        self, image: Image, squares: Boxes, landmarks: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Name the faces of an image, all of them in one batch.

        Args:
            image: (height, width, 3) BGR.
            squares: (N, 4) corners of the faces in ExpW's convention.
            landmarks: (N, 5, 2) of the faces, which a classifier of aligned faces needs.

        Returns:
            (N, 7) in the order of `Emotion`.
        """
        own = self._classifier.classify(self._crops(image, squares, landmarks))
        named = np.zeros((len(squares), len(Emotion)))
        named[:, self._emotions] = own[:, self._columns]
        return np.asarray(named / np.maximum(named.sum(axis=1, keepdims=True), 1e-12))

    def _crops(
        self, image: Image, squares: Boxes, landmarks: NDArray[np.float64] | None
    ) -> list[Image]:
        places = self._classifier.landmarks
        if places is None:
            margin = (self._classifier.description.margin - 1) / 2
            return cut_squares(image, widen(squares, margin))
        if landmarks is None:
            raise ValueError(f"{self._classifier.name} needs the landmarks of the faces")
        return align_faces(image, landmarks, places, self._classifier.description.size)


def _warn(name: str, foreign: list[str], absent: list[str]) -> None:
    if foreign:
        warnings.warn(
            f"{name}: these classes are none of the seven emotions and are left out, the others "
            f"scaled to a sum of 1: {', '.join(foreign)}",
            YoloFerWarning,
            stacklevel=3,
        )
    if absent:
        warnings.warn(
            f"{name}: it has no class for {', '.join(absent)}; their scores are 0",
            YoloFerWarning,
            stacklevel=3,
        )
