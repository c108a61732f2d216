"""One face and the expression that it shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.results.scores import Probabilities, emotion_probabilities, face_scores


@dataclass(frozen=True, slots=True)
class FacePrediction:
    """One face.

    Args:
        box: left, top, right, bottom in pixels of the image as a viewer sees it.
        scores: the detection score of each emotion at this box, in the order of `Emotion`, each in
            0 to 1 and not normalised to a sum.
        track: the identity of the face in a stream, if it is tracked.
        finder_score: the score of the face finder, 0 to 1, in a two-stage system; None for a
            detector, which has nothing but its seven scores.

    Raises:
        ValueError: if there are not seven scores, or one does not lie between 0 and 1.

    Example:
        >>> face = FacePrediction((10, 20, 40, 60), (0, 0, 0, 0.75, 0, 0, 0.25), track=3)
        >>> print(face)
        #3 happiness 75 %, face 0.81 at 10, 20 to 40, 60
        >>> face.probabilities["neutral"]
        0.25
    """

    box: tuple[float, float, float, float]
    scores: tuple[float, ...]
    track: int | None = None
    finder_score: float | None = None

    def __post_init__(self) -> None:
        if len(self.scores) != len(Emotion):
            raise ValueError(f"a face has {len(Emotion)} scores, not {len(self.scores)}")
        if not all(0 <= score <= 1 for score in (*self.scores, self.score)):
            raise ValueError(f"scores lie between 0 and 1, not at {self!r}")

    @property
    def emotion(self) -> Emotion:
        """The emotion with the largest score."""
        return Emotion(max(range(len(self.scores)), key=self.scores.__getitem__))

    @property
    def score(self) -> float:
        """How sure it is that this is a face, 0 to 1, whatever it shows.

        The face finder's score, else that of `face_scores`.
        """
        if self.finder_score is not None:
            return self.finder_score
        return float(face_scores(np.array([self.scores], np.float64))[0])

    @property
    def probabilities(self) -> Probabilities:
        """How probable each emotion is if it is a face; see `emotion_probabilities`."""
        rows = emotion_probabilities(np.array([self.scores], np.float64))
        return Probabilities(rows[0].tolist())

    @property
    def caption(self) -> str:
        """What people are shown: the emotion and its probability, as in `happiness 62 %`."""
        return f"{self.emotion.label} {100 * self.probabilities[self.emotion]:.0f} %"

    def __str__(self) -> str:
        number = "" if self.track is None else f"#{self.track} "
        left, top, right, bottom = (round(v) for v in self.box)
        place = f"{left}, {top} to {right}, {bottom}"
        return f"{number}{self.caption}, face {self.score:.2f} at {place}"

    def to_json(self) -> dict[str, Any]:
        """Return the face as it stands in a JSON line."""
        return {
            "box": [round(v, 2) for v in self.box],
            "emotion": self.emotion.label,
            "score": round(self.score, 5),
            "scores": _by_name(self.scores),
            "probabilities": _by_name(self.probabilities),
            "track": self.track,
        }


def boxes_of(faces: Iterable[FacePrediction]) -> NDArray[np.float64]:
    """Return (N, 4) the boxes of faces, in their order, also where there is none."""
    return np.array([face.box for face in faces], np.float64).reshape(-1, 4)


def _by_name(values: tuple[float, ...]) -> dict[str, float]:
    return {name: round(value, 5) for name, value in zip(EMOTION_NAMES, values, strict=True)}
