"""Bringing an image to another size without changing its proportions."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from yolo_fer.images import LONGEST_SIDES, Image

_LONGEST_WARPED = 32_766  # pixels of a side
_AROUND = 2  # pixels that are interpolated with those inside


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
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA)), scale


def fit_jpeg(image: Image) -> Image:
    """Return an image that a JPEG file can hold: a longer one, (height, width, 3), scaled down."""
    return shrink(image, LONGEST_SIDES[".jpg"])[0]


def warp(image: Image, matrix: NDArray[np.float64], size: tuple[int, int], grey: int = 0) -> Image:
    """Turn, scale and move an image of any size; OpenCV's `warpAffine` takes no long one.

    Args:
        image: the picture, (height, width, 3) BGR.
        matrix: (2, 3), from pixels of the result to pixels of the image.
        size: the width and height of the result, in pixels.
        grey: the brightness of what lies beyond the image, 0 (black) to 255 (white).
    """
    if max(image.shape[:2]) > _LONGEST_WARPED:
        image, matrix = _seen(image, matrix, size)
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(image, matrix, size, flags=how, borderValue=(grey, grey, grey))
    return np.asarray(warped, np.uint8)


def warpable(
    image: NDArray[Any], matrix: NDArray[np.float64], size: tuple[int, int]
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return what OpenCV's `warpAffine` takes of an image of any size, and the matrix from that.

    Args:
        image: (height, width) or (height, width, 3); one that is not too long is returned as it is.
        matrix: (2, 3), from pixels of the image to pixels of the result.
        size: the width and height of the result, in pixels.
    """
    if max(image.shape[:2]) <= _LONGEST_WARPED:
        return image, matrix
    part, back = _seen(image, cv2.invertAffineTransform(matrix), size)
    return part, np.asarray(cv2.invertAffineTransform(back), np.float64)


def _seen(
    image: Image, matrix: NDArray[np.float64], size: tuple[int, int]
) -> tuple[Image, NDArray[np.float64]]:
    """Return the part of an image that a warped one shows, and the matrix to that part."""
    corners = np.array([(0, 0), (size[0], 0), (0, size[1]), size]) @ matrix[:, :2].T + matrix[:, 2]
    ends = np.array(image.shape[1::-1])
    start = np.clip(corners.min(axis=0) - _AROUND, 0, ends - 1).astype(int)
    stop = np.clip(corners.max(axis=0) + _AROUND, start + 1, ends).astype(int)
    part = image[start[1] : stop[1], start[0] : stop[0]]
    small = shrink(part, _LONGEST_WARPED)[0]
    scales = np.array(small.shape[1::-1]) / part.shape[1::-1]
    moved = np.column_stack([matrix[:, :2], matrix[:, 2] - start])
    return small, scales[:, None] * moved
