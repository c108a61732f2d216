"""The seven scores of a face."""

from __future__ import annotations

from yolo_fer.emotions import Emotion


def seven(*scores: float) -> tuple[float, ...]:
    return (*scores, *[0.0] * (len(Emotion) - len(scores)))
