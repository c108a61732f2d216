"""Bounding the work that a huge image makes."""

from __future__ import annotations

import cv2
import numpy as np

from yolo_fer.images import Image


def shrink(image: Image, long_side: int) -> tuple[Image, float]:
    """Scale an image down to a longest side, never up.

    Args:
        image: the picture, (height, width, 3) BGR.
        long_side: the longer side in pixels.

    Returns:
        The image, and its scale: 1 or less.
    """
    height, width = image.shape[:2]
    scale = long_side / max(height, width)
    if scale >= 1:
        return image, 1.0
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8), scale
