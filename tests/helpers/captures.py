"""Stand-ins for `cv2.VideoCapture`, since a machine that runs tests may have no camera."""

from __future__ import annotations

import time

import cv2

from tests.helpers.stream_server import picture
from yolo_fer.images import Image


class Capture:
    """A camera that gives `count` pictures at a rate, and is unplugged then."""

    def __init__(self, count: int = 1_000_000, rate: float = 1000, start: int = 0) -> None:
        self._next, self._end = start, start + count
        self._rate = rate
        self.released = False

    @property
    def given(self) -> int:
        """How many pictures were asked for, if it starts with the first."""
        return self._next

    def isOpened(self) -> bool:
        return True

    def get(self, key: int) -> float:
        return self._rate if key == cv2.CAP_PROP_FPS else 0.0

    def read(self) -> tuple[bool, Image | None]:
        if self._next == self._end:
            return False, None
        time.sleep(1 / self._rate)
        self._next += 1
        return True, picture(self._next - 1)

    def release(self) -> None:
        self.released = True


class MissingCapture(Capture):
    """What OpenCV gives where there is no camera."""

    def isOpened(self) -> bool:
        return False


class BusyCapture(Capture):
    """A camera that another program uses: it opens and gives no picture."""

    def read(self) -> tuple[bool, Image | None]:
        return False, None
