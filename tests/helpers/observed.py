"""True and predicted faces of images that nobody has to draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from yolo_fer.dataset.evaluation_set import LabelledImage
from yolo_fer.dataset.labels import IGNORED, TrueFaces
from yolo_fer.emotions import Emotion
from yolo_fer.evaluate.observations import Observations

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Seen:
    """An image: true faces are a box and an emotion, or None; found ones a box and a score."""

    truth: Sequence[tuple[Box, Emotion | None]] = ()
    found: Sequence[tuple[Box, float]] = ()
    group: str = ""
    source: str = ""
    all_boxed: bool = True


def observed(*seen: Seen, threshold: float = 0.25) -> Observations:
    """Return what a predictor saw; every face that it found is happy."""
    images = tuple(
        LabelledImage(
            Path(f"{number}.jpg"),
            f"{number}.jpg",
            number,
            one.group or f"{number}",
            one.source,
            None,
            TrueFaces.of([], []),
            all_boxed=one.all_boxed,
        )
        for number, one in enumerate(seen)
    )
    truth = [(n, box, emotion) for n, one in enumerate(seen) for box, emotion in one.truth]
    found = [(n, box, score) for n, one in enumerate(seen) for box, score in one.found]
    scores = np.array([score for *_, score in found], float)
    return Observations(
        images,
        np.array([box for _, box, _ in truth], float).reshape(-1, 4),
        np.array([IGNORED if e is None else e for *_, e in truth], np.int8),
        np.array([n for n, *_ in truth], np.intp),
        np.array([box for _, box, _ in found], float).reshape(-1, 4),
        scores[:, None] * (np.arange(7) == Emotion.HAPPINESS),
        scores,
        np.array([n for n, *_ in found], np.intp),
        scores >= threshold,
        np.ones(len(seen)),
    )
