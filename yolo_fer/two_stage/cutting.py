"""Cutting the crops that a classifier sees out of an image."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from yolo_fer.boxes import Boxes
from yolo_fer.images import Image
from yolo_fer.images.fitting import warp


def cut_squares(image: Image, squares: Boxes) -> list[Image]:
    """Cut squares out of an image; what lies beyond its edge repeats the edge.

    Nothing is copied where a square lies inside: a crop is then a view of the image.

    Args:
        image: (height, width, 3) BGR.
        squares: (N, 4) finite corners in pixels, of any place and size.

    Returns:
        One crop for each, of at least one pixel and at most the longer side of the image.
    """
    height, width = image.shape[:2]
    centre = (squares[:, :2] + squares[:, 2:]) / 2
    # A face cannot be larger, and what would be padded for a wild box could fill the memory.
    half = np.clip(squares[:, 2:] - squares[:, :2], 1, max(height, width)) / 2
    corners = np.rint(np.concatenate([centre - half, centre + half], axis=1)).astype(int)
    return [_cut(image, *corner) for corner in corners.tolist()]


def align_faces(
    image: Image, landmarks: NDArray[np.float64], places: NDArray[np.float64], side: int
) -> list[Image]:
    """Turn, scale and move each face so that its landmarks come to lie where they should.

    The similarity is that of the least squares in the image; what lies beyond its edge is black.

    Args:
        image: (height, width, 3) BGR.
        landmarks: (N, K, 2) x and y in pixels of the image.
        places: (K, 2) where they should lie in a crop, at least two different ones.
        side: the side of the square crops, in pixels.
    """
    x, y = places.T
    ones, zeros = np.ones_like(x), np.zeros_like(x)
    # From a crop to the image: x' = a x - b y + c, y' = b x + a y + d
    equations = np.concatenate(
        [np.stack([x, -y, ones, zeros], axis=1), np.stack([y, x, zeros, ones], axis=1)]
    )
    targets = landmarks.transpose(2, 1, 0).reshape(2 * len(places), -1)
    solved, *_ = np.linalg.lstsq(equations, targets)
    return [warp(image, _matrix(*face), (side, side)) for face in solved.T.tolist()]


def _matrix(a: float, b: float, c: float, d: float) -> NDArray[np.float64]:
    return np.array([[a, -b, c], [b, a, d]])


def _cut(image: Image, x1: int, y1: int, x2: int, y2: int) -> Image:
    height, width = image.shape[:2]
    side = max(x2 - x1, y2 - y1, 1)
    # At least one row and column of the image, which is then all that there is to repeat.
    x1, y1 = min(max(x1, 1 - side), width - 1), min(max(y1, 1 - side), height - 1)
    x2, y2 = x1 + side, y1 + side
    inside = image[max(y1, 0) : y2, max(x1, 0) : x2]
    beyond = max(-y1, 0), max(y2 - height, 0), max(-x1, 0), max(x2 - width, 0)
    if not any(beyond):
        return inside
    return np.asarray(cv2.copyMakeBorder(inside, *beyond, cv2.BORDER_REPLICATE), np.uint8)
