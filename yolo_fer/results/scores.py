"""From the seven scores of a face to the face's own and the probabilities of its emotions."""

from __future__ import annotations

from typing import SupportsIndex, overload

import numpy as np
from numpy.typing import NDArray

from yolo_fer.emotions import EMOTION_NAMES, Emotion


def face_scores(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how sure a detector is of each face, whatever it shows: 1 - prod(1 - s).

    The largest of the seven scores is small where an expression is ambiguous, however clear the
    face is. This is the probability that at least one of the seven detections is right, as if
    they were independent (noisy-or; Pearl 1988).

    Args:
        scores: (N, 7) of the emotions at each face, 0 to 1.

    Returns:
        (N,) in 0 to 1: the largest score of each face, or more.

    Example:
        >>> face_scores(np.array([[0.5, 0.5, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0.2]])).tolist()
        [0.75, 1.0]
    """
    with np.errstate(divide="ignore"):  # a score of 1 has the logarithm -inf, which is right
        # By logarithms, because 1 - s is 1 for scores below 1e-16. All are 0 or negative.
        any_of_them = np.abs(np.expm1(np.log1p(-scores).sum(axis=1)))
    return np.asarray(np.maximum(any_of_them, scores.max(axis=1)))  # less by rounding alone


def emotion_probabilities(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how probable each emotion is for each face: its scores, divided by their sum.

    Args:
        scores: (N, 7) of the emotions at each face, 0 to 1.

    Returns:
        (N, 7), each row with the sum 1; a face whose scores are all 0 could show any of them, so
        each has 1/7.
    """
    total = scores.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, scores, 1) / np.where(total > 0, total, scores.shape[1]))


class Probabilities(tuple[float, ...]):
    """Seven probabilities in the order of `Emotion`, which an emotion's name finds, too.

    >>> probabilities = Probabilities((0, 0, 0, 0.75, 0, 0, 0.25))
    >>> probabilities["happiness"], probabilities[Emotion.NEUTRAL], probabilities["Happy"]
    (0.75, 0.25, 0.75)

    Raises:
        KeyError: for a word that names no emotion.
    """

    __slots__ = ()

    @overload
    def __getitem__(self, key: SupportsIndex | str) -> float: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[float, ...]: ...
    def __getitem__(self, key: SupportsIndex | str | slice) -> float | tuple[float, ...]:
        if not isinstance(key, str):
            return super().__getitem__(key)
        emotion = Emotion.from_name(key)
        if emotion is None:
            raise KeyError(f"'{key}' is no emotion; there are {', '.join(EMOTION_NAMES)}")
        return super().__getitem__(emotion)
