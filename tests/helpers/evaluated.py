"""Evaluations of predictors whose every answer is known."""

from __future__ import annotations

from tests.helpers.tiny_set import (
    LEFT,
    TinyImage,
)
from yolo_fer.emotions import Emotion
from yolo_fer.evaluate.options import EvaluationOptions

ALL_SEVEN = [TinyImage(((LEFT, emotion),)) for emotion in Emotion]
QUICK = EvaluationOptions(resamples=0)
