"""Cameras of this machine, through OpenCV."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from yolo_fer.images import Image
from yolo_fer.inputs.ffmpeg import MOST_FRAMES_A_SECOND
from yolo_fer.inputs.live import Retry, SourceGone

CAMERA_RETRY = Retry(patience_s=3.0)
"""Another program may be about to let go of it; nobody wants to wait longer for an error."""


class CameraConnection:
    """An open camera.

    Args:
        index: the number of the camera as OpenCV counts them.
        open_capture: makes the `cv2.VideoCapture`, or what behaves like one.

    Raises:
        SourceGone: if it cannot be opened.
    """

    def __init__(self, index: int, open_capture: Callable[[int], Any] | None = None) -> None:
        self._index = index
        with _quiet_opencv():
            self._capture = (open_capture or _open_capture)(index)
        if not self._capture.isOpened():
            self._capture.release()
            raise _not_opened(index)

    @property
    def frame_rate(self) -> Fraction | None:
        """The rate that the driver promises; in the dark cameras give less."""
        rate = float(self._capture.get(cv2.CAP_PROP_FPS))
        if not 0 < rate <= MOST_FRAMES_A_SECOND:
            return None  # the driver does not know
        return Fraction(rate).limit_denominator(1001)

    def frames(self) -> Iterator[tuple[float | None, Image]]:
        """Yield the pictures; they have no time stamps of their own.

        Raises:
            SourceGone: when there are no more.
        """
        done, image = self._capture.read()
        if not done:
            # Video4Linux opens a camera that is in use, and then returns no picture.
            raise _not_opened(self._index)
        while done:
            yield None, np.asarray(image, np.uint8)
            done, image = self._capture.read()
        raise SourceGone("the camera sends no more pictures; is it still plugged in?")

    def close(self) -> None:
        """Let go of the camera."""
        self._capture.release()


def _open_capture(index: int) -> Any:
    # By default OpenCV would also try, and complain about, backends that know no cameras.
    backend = cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY
    return cv2.VideoCapture(index, backend)


@contextmanager
def _quiet_opencv() -> Iterator[None]:
    """Silence OpenCV's own messages: errors are reported once, by us."""
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)


def _not_opened(index: int) -> SourceGone:
    if sys.platform == "linux":
        device = Path(f"/dev/video{index}")
        if not device.exists():
            there = sorted(str(path) for path in Path("/dev").glob("video*"))
            return SourceGone(
                f"there is no camera {device} ({', '.join(there) or 'no camera at all'} here); "
                "plug it in, or give another index",
                hopeless=True,
            )
        if not os.access(device, os.R_OK | os.W_OK):
            return SourceGone(
                f"no permission to use {device}; add your user to the group that owns it "
                f"(sudo usermod -aG {device.group()} $USER) and log in again",
                hopeless=True,
            )
    return SourceGone(
        f"camera {index} sends no picture: it is in use by another program, or missing; "
        "close what uses it, or give another index"
    )
