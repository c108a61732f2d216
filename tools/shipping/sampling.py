"""Which face is shown next: every source has its share, and rare expressions come more often."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Mapping, Sequence

import numpy as np

from tools.shipping.pictures import Picture
from yolo_fer.emotions import Emotion

SOURCES = ("expw", "fer2013", "ck48", "rafdb", "affectnet", "sfew")
"""The datasets, in the order of their numbers."""

SHARES: Mapping[str, float] = dict(zip(SOURCES, (0.18, 0.20, 0.03, 0.27, 0.25, 0.07), strict=True))
"""How often a face of each is drawn; the facts behind it are in weights/EXPERIMENTS.md."""
LAST_SHARES: Mapping[str, float] = dict(
    zip(SOURCES, (0.24, 0.19, 0.03, 0.24, 0.21, 0.09), strict=True)
)
"""The same at the end of a training, which is more for ExpW and films."""
_LEAST_SIDE = 18.0  # pixels of the source; a smaller face cannot be read when it is enlarged
_BALANCE = 0.4  # expressions are drawn as often as their number of faces to this power


class FaceSampler:
    """Draws labelled faces.

    Args:
        pictures: of each source; a source without a usable face is never drawn.
        shares: how often each source is drawn.

    Raises:
        ValueError: if no source has a usable face.
    """

    def __init__(
        self, pictures: Mapping[str, Sequence[Picture]], shares: Mapping[str, float] = SHARES
    ) -> None:
        self._faces: list[list[tuple[Picture, int]]] = []
        self._odds: list[list[float]] = []
        for source in SOURCES:
            faces = [
                (picture, int(row))
                for picture in pictures.get(source, ())
                for row in np.flatnonzero(_usable(picture))
            ]
            self._faces.append(faces)
            self._odds.append(_cumulated_odds(faces))
        self._shares = [
            shares[source] if faces else 0.0
            for source, faces in zip(SOURCES, self._faces, strict=True)
        ]
        if not any(self._shares):
            raise ValueError("no picture has a face that is labelled and large enough")

    def draw(self, rng: random.Random) -> tuple[int, Picture, int]:
        """Return the number of a source, one of its pictures and the row of a face in it."""
        source = rng.choices(range(len(SOURCES)), self._shares)[0]
        number = bisect_left(self._odds[source], rng.random() * self._odds[source][-1])
        picture, row = self._faces[source][number]
        return source, picture, row


def _usable(picture: Picture) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return (N,) which faces are labelled and large enough to be read."""
    widths = picture.boxes[:, 2] - picture.boxes[:, 0]
    return np.asarray(np.isfinite(picture.targets[:, 0]) & (widths >= _LEAST_SIDE))


def _cumulated_odds(faces: Sequence[tuple[Picture, int]]) -> list[float]:
    if not faces:
        return []
    classes = np.array([int(picture.targets[row].argmax()) for picture, row in faces])
    counts = np.bincount(classes, minlength=len(Emotion)).astype(float)
    return [float(odd) for odd in np.cumsum(counts[classes] ** (_BALANCE - 1))]
