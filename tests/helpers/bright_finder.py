"""A face finder for drawn images: a face is a white rectangle on black."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from yolo_fer.boxes import xywh_to_xyxy
from yolo_fer.faces import FoundFaces
from yolo_fer.images import Image


class BrightFinder:
    name = "bright"
    weights_sha256 = "none"
    weights_bytes = 0

    def find(self, images: Sequence[Image]) -> list[FoundFaces]:
        return [self._find(image) for image in images]

    def _find(self, image: Image) -> FoundFaces:
        white = (image[..., 0] > 127).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(white)
        boxes = xywh_to_xyxy(stats[1:, :4].astype(np.float64))
        return FoundFaces(boxes, np.ones(len(boxes)))


def draw(height: int, width: int, boxes: Sequence[Sequence[float]]) -> Image:
    image = np.zeros((height, width, 3), np.uint8)
    for x1, y1, x2, y2 in np.array(boxes, int).reshape(-1, 4):
        image[y1:y2, x1:x2] = 255
    return image
