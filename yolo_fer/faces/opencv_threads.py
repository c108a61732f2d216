"""How many threads OpenCV uses, which it knows only for the whole process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import cv2

from yolo_fer.errors import UsageError


def check_threads(threads: int | None) -> None:
    """Refuse a number of threads that no finder could use.

    Raises:
        UsageError: if it is not positive.
    """
    if threads is not None and threads < 1:
        raise UsageError(f"the number of threads must be at least 1, not {threads}")


_setting = threading.Lock()


@contextmanager
def opencv_threads(threads: int | None) -> Iterator[None]:
    """Let OpenCV use so many threads meanwhile; None leaves it as it is.

    Those who set a number wait for each other: the second would else give back the first one's.
    """
    if threads is None:
        yield
        return
    with _setting:
        before = cv2.getNumThreads()
        cv2.setNumThreads(threads)
        try:
            yield
        finally:
            cv2.setNumThreads(before)
