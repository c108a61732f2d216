"""Bringing an image to another size without changing its proportions."""

from __future__ import annotations

import cv2
import numpy as np

from yolo_fer.images import Image


def fit_into(image: Image, size: tuple[int, int], grey: int) -> Image:
    """Return an image that is scaled to fit into a size, in the middle of a grey picture.

    Args:
        image: the picture, (height, width, 3) BGR.
        size: the width and height of the result, in pixels.
        grey: the brightness of the rest, 0 (black) to 255 (white).
    """
    width, height = size
    scale = min(width / image.shape[1], height / image.shape[0])
    inner = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    canvas: Image = np.full((height, width, 3), grey, np.uint8)
    scaled = cv2.resize(image, inner, interpolation=method)
    canvas[top : top + inner[1], left : left + inner[0]] = scaled
    return canvas


def shrunk_size(image: Image, long_side: int) -> tuple[int, int]:
    """Return the width and height of an image whose longer side is scaled down, never up.

    Args:
        image: the picture, (height, width, 3) BGR.
        long_side: the greatest length of the longer side, in pixels.
    """
    height, width = image.shape[:2]
    scale = min(1.0, long_side / max(height, width))
    return max(1, round(width * scale)), max(1, round(height * scale))


def shrink(image: Image, long_side: int) -> tuple[Image, float]:
    """Return an image whose longer side is scaled down, never up, and its scale: 1 or less.

    Args:
        image: the picture, (height, width, 3) BGR.
        long_side: the greatest length of the longer side, in pixels.
    """
    scale = long_side / max(image.shape[:2])
    if scale >= 1:
        return image, 1.0
    size = shrunk_size(image, long_side)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8), scale
