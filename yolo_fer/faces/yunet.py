"""YuNet, OpenCV's own small face finder.

W. Wu, H. Peng, S. Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence
Research 2023. OpenCV brings the code and not the network: `yolo-fer weights get yunet`.
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
from yolo_fer.weights import store as weights

WEIGHTS = "yunet"
DEFAULT_THRESHOLD = 0.6  # what the authors evaluate with is lower, OpenCV's default 0.9 is higher
DEFAULT_LONG_SIDE = 640

_NMS_IOU = 0.3
_CANDIDATES = 5000
_LANDMARKS, _SCORE = slice(4, 14), 14  # columns; the box stands before them


class YuNet(OpenCvFinder):
    """Finds faces with YuNet in OpenCV's own runtime, on the CPU whatever the device is.

    Args:
        device: the device of the other networks; not used.
        threads: the number of threads of OpenCV; None leaves the number to it.
        threshold: the least score of a face, in 0 to 1.
        network: the ONNX file, or its name.
        long_side: images are scaled down to this many pixels at their longer side, never up.

    Raises:
        UsageError: if an argument is out of its range.
        YoloFerError: if the network has not been fetched or is another one.
    """

    name = "yunet"

    def __init__(
        self,
        *,
        device: str = "cpu",
        threads: int | None = None,
        threshold: float = DEFAULT_THRESHOLD,
        network: str | Path = WEIGHTS,
        long_side: int = DEFAULT_LONG_SIDE,
    ) -> None:
        path = weights.resolve(network)
        super().__init__(path, threads, threshold)
        try:
            self._network = cv2.FaceDetectorYN.create(
                str(path), "", (320, 320), threshold, _NMS_IOU, _CANDIDATES
            )
        except cv2.error as error:
            raise YoloFerError(f"{path} cannot be opened as YuNet ({error.err})") from error
        self._long_side = long_side

    def _find(self, image: Image) -> FoundFaces:
        seen, scale = shrink(image, self._long_side)
        self._network.setInputSize(seen.shape[1::-1])
        _, rows = self._network.detect(seen)
        if rows is None:
            return FoundFaces(np.empty((0, 4)), np.empty(0), np.empty((0, 5, 2)))
        found = np.asarray(rows, dtype=np.float64)
        found = found[np.argsort(-found[:, _SCORE], kind="stable")]
        boxes = np.asarray(xywh_to_xyxy(found[:, :4]) / scale, np.float64)
        landmarks = found[:, _LANDMARKS].reshape(-1, 5, 2) / scale
        return FoundFaces(boxes, found[:, _SCORE], landmarks)
