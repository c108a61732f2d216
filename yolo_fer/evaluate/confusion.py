"""How labelled faces are named, and which are missed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yolo_fer.emotions import Emotion
from yolo_fer.evaluate.matching import Matches
from yolo_fer.evaluate.observations import Observations
from yolo_fer.results import emotion_probabilities

MISSED = len(Emotion)
"""The column of missed faces."""


@dataclass(frozen=True, slots=True, eq=False)
class Naming:
    """What each labelled face was called.

    Args:
        truth: (L,) emotion ids.
        named: (L,) the emotion with the largest score at the box that found it, or `MISSED`.
        probability: (L,) of that emotion, 0 for a missed face.
        face: (L,) index among all true faces.
        image: (L,) index of the image.
    """

    truth: NDArray[np.int8]
    named: NDArray[np.intp]
    probability: NDArray[np.float64]
    face: NDArray[np.intp]
    image: NDArray[np.intp]

    def confusion(self) -> NDArray[np.int64]:
        """Return the (7, 8) counts: true emotion by what it was named, or missed."""
        counts = np.zeros((len(Emotion), len(Emotion) + 1), np.int64)
        np.add.at(counts, (self.truth, self.named), 1)
        return counts

    def accuracy(self, weights: NDArray[np.float64]) -> float:
        """Return the share of found faces that are named right, with a weight for each image.

        Returns:
            0 to 1; NaN if no face was found.
        """
        found = weights[self.image] * (self.named != MISSED)
        total = found.sum()
        return float(found[self.named == self.truth].sum() / total) if total else float("nan")


def name_faces(seen: Observations, faces: Matches) -> Naming:
    """Look up what each labelled face was called.

    Every box counts, however low its score: else a system would gain accuracy by leaving out the
    faces that it is unsure of.

    Args:
        seen: true and predicted faces.
        faces: matches at IoU 0.5 of boxes to faces, whatever the emotion; better scores first.
    """
    labelled = np.flatnonzero(seen.labelled)
    box = faces.found_by[labelled]
    found = box >= 0
    named = np.full(labelled.size, MISSED, np.intp)
    probability = np.zeros(labelled.size)
    named[found] = seen.scores[box[found]].argmax(axis=1)
    probability[found] = emotion_probabilities(seen.scores[box[found]]).max(axis=1)
    return Naming(
        seen.truth_emotions[labelled], named, probability, labelled, seen.truth_image[labelled]
    )


def macro_f1(confusion: NDArray[np.int64]) -> float:
    """Return the mean F1 over the found faces, of the classes that have any.

    Returns:
        0 to 1; NaN if no face was found.
    """
    found = confusion[:, :MISSED]
    true = np.diag(found)
    claims = found.sum(axis=0) + found.sum(axis=1)
    present = found.sum(axis=1) > 0
    if not present.any():
        return float("nan")
    return float((2 * true[present] / claims[present]).mean())
