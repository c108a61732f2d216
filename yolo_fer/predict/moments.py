"""When a frame was shown."""

from __future__ import annotations

from yolo_fer.results import Prediction

ASSUMED_FRAME_RATE = 30
"""Frames a second of a video that says nothing of time."""


def seconds(prediction: Prediction) -> float:
    """Return the time of a frame in seconds, from its number if the video has no time stamps."""
    if prediction.time_ms is not None:
        return prediction.time_ms / 1000
    return (prediction.frame or 0) / ASSUMED_FRAME_RATE
