"""When a frame was shown, and time that only runs forward, whatever a file says."""

from __future__ import annotations

from yolo_fer.results import Prediction

ASSUMED_FRAME_RATE = 30
"""Frames a second of a video that says nothing of time."""


def seconds(prediction: Prediction) -> float:
    """Return the time of a frame in seconds, from its number if the video has no time stamps."""
    if prediction.time_ms is not None:
        return prediction.time_ms / 1000
    return (prediction.frame or 0) / ASSUMED_FRAME_RATE


class ForwardClock:
    """Turns time stamps into seconds that grow with every frame.

    A file may have no time stamps, and where files were joined they repeat or go back: then the
    last step that was seen is taken again, so that neither tracks nor averages are upset.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._last_ms: float | None = None
        self._step = 1 / ASSUMED_FRAME_RATE

    def advance(self, time_ms: float | None) -> float:
        """Take the time stamp of the next frame and return its time in seconds."""
        if time_ms is not None and self._last_ms is not None and time_ms > self._last_ms:
            self._step = (time_ms - self._last_ms) / 1000
        self._last_ms = time_ms
        self._now += self._step
        return self._now
