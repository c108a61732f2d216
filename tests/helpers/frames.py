"""Frames with faces whose numbers the tests know."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from yolo_fer.emotions import Emotion
from yolo_fer.images import Image
from yolo_fer.predict.predicted import Predicted
from yolo_fer.results import FacePrediction, Prediction

Box = tuple[float, float, float, float]


def face(
    box: Box = (20, 10, 60, 50),
    emotion: Emotion = Emotion.HAPPINESS,
    score: float = 0.8,
    track: int | None = None,
    probability: float = 0.8,
) -> FacePrediction:
    """A face with a score, and the probability of its emotion."""
    rest = (1 - probability) / (len(Emotion) - 1)
    scores = tuple(score * (probability if e is emotion else rest) for e in Emotion)
    return FacePrediction(box, scores, track, finder_score=score)


def grey(level: int = 90, width: int = 96, height: int = 64) -> Image:
    return np.full((height, width, 3), level, np.uint8)


def noise(seed: int = 0, width: int = 96, height: int = 64) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def frame(
    index: int,
    *faces: FacePrediction,
    time_ms: float | None = None,
    image: Image | None = None,
    source: str = "clip.mp4",
) -> Predicted:
    """One frame of a clip; without a time of its own, a thirtieth of a second after the last."""
    image = grey() if image is None else image
    time_ms = index * 1000 / 30 if time_ms is None else time_ms
    height, width = image.shape[:2]
    return Predicted(image, Prediction(source, width, height, tuple(faces), index, time_ms))


def clip(count: int, rate: Fraction = Fraction(30)) -> Iterator[Predicted]:
    """Frames of grey that tells their index."""
    for index in range(count):
        time_ms = round(float(1000 * index / rate), 3)
        yield frame(index, time_ms=time_ms, image=grey(shade(index)))


def shade(index: int) -> int:
    return 30 + 4 * (index % 50)
