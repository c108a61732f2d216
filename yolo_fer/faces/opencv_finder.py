"""What face finders in OpenCV's own runtime have in common."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2

from yolo_fer.arguments import check_threads
from yolo_fer.faces.finder import FoundFaces, check_threshold
from yolo_fer.images import Image
from yolo_fer.weights.hashes import sha256_of


class OpenCvFinder(ABC):
    """Looks at one image after the other, since OpenCV keeps what it looks at in the network.

    Args:
        path: the path of the weights.
        threads: the number of threads of OpenCV; None leaves the number to it.
        threshold: the least score of a face, in 0 to 1.

    Raises:
        UsageError: if an argument is out of its range.
    """

    def __init__(self, path: Path, threads: int | None, threshold: float) -> None:
        check_threshold(threshold)
        check_threads(threads)
        self._lock, self._threads = threading.Lock(), threads
        self.weights_sha256, self.weights_bytes = sha256_of(path), path.stat().st_size

    def find(self, images: Sequence[Image]) -> list[FoundFaces]:
        """Find the faces of images of any sizes; see `FaceFinder.find`."""
        with self._lock, opencv_threads(self._threads):
            return [self._find(image) for image in images]

    @abstractmethod
    def _find(self, image: Image) -> FoundFaces: ...


_setting = threading.Lock()


@contextmanager
def opencv_threads(threads: int | None) -> Iterator[None]:
    """Let OpenCV use so many threads meanwhile, which it knows only for the whole process.

    None leaves it as it is. Those who set a number wait for each other: the second would else give
    back the first one's.
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
