"""The Haar cascade of OpenCV for frontal faces: the oldest finder, and the one in most tutorials.

P. Viola, M. Jones, "Rapid Object Detection using a Boosted Cascade of Simple Features", CVPR 2001.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from yolo_fer.boxes import xywh_to_xyxy
from yolo_fer.errors import YoloFerError
from yolo_fer.faces.finder import FoundFaces
from yolo_fer.faces.opencv_finder import OpenCvFinder
from yolo_fer.images import Image
from yolo_fer.images.fitting import shrink

FILE = "haarcascade_frontalface_default.xml"
DEFAULT_THRESHOLD = 0.5

_EVEN_ODDS = 3  # neighbours, which is OpenCV's default for the least number
_LONG_SIDE = 1920


class Haar(OpenCvFinder):
    """Finds upright frontal faces of 24 pixels and more, on the CPU whatever the device is.

    The cascade has no score. In its place stands n / (n + 3) for a face that n windows agree
    on, so that the default threshold of 0.5 is OpenCV's default of three windows.

    Args:
        device: the device of the other networks; not used.
        threads: the number of threads of OpenCV; None leaves the number to it.
        threshold: the least score of a face, in 0 to 1.

    Raises:
        UsageError: if an argument is out of its range.
        YoloFerError: if this OpenCV has no Haar cascades.
    """

    name = "haar"

    def __init__(
        self,
        *,
        device: str = "cpu",
        threads: int | None = None,
        threshold: float = DEFAULT_THRESHOLD,
    ) -> None:
        path = _cascade_file()
        super().__init__(path, threads, threshold)
        self._cascade = cv2.CascadeClassifier(str(path))
        self._neighbours = max(1, int(np.ceil(_EVEN_ODDS * threshold / (1 - threshold) - 1e-9)))

    def _find(self, image: Image) -> FoundFaces:
        seen, scale = shrink(image, _LONG_SIDE)
        grey = cv2.cvtColor(seen, cv2.COLOR_BGR2GRAY)
        found, windows = self._cascade.detectMultiScale2(grey, minNeighbors=self._neighbours)
        boxes = xywh_to_xyxy(np.array(found, dtype=np.float64).reshape(-1, 4)) / scale
        agreeing = np.array(windows, dtype=np.float64).reshape(-1)
        order = np.argsort(-agreeing, kind="stable")
        return FoundFaces(
            np.asarray(boxes[order], np.float64), (agreeing / (agreeing + _EVEN_ODDS))[order]
        )


def _cascade_file() -> Path:
    folder = getattr(getattr(cv2, "data", None), "haarcascades", "")
    path = Path(folder) / FILE
    if not hasattr(cv2, "CascadeClassifier") or not path.is_file():
        raise YoloFerError(
            f"the face finder haar needs {FILE}, which the installed OpenCV {cv2.__version__} does "
            "not have. Install one that has: pip install 'opencv-python>=4.10,<5'"
        )
    return path
