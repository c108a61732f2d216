"""What MTCNN does to boxes between its networks. All boxes are (N, 4) corners in pixels.

Zhang et al., "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional Networks",
IEEE Signal Processing Letters 2016. The original counts pixels from 1 and takes both corners into
the box; here a box runs from its left edge to its right edge, so that no ones are added.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from yolo_fer.boxes import Boxes
from yolo_fer.images import Image

PROPOSAL_SIDE, REFINE_SIDE, OUTPUT_SIDE = 12, 24, 48
"""Sides of the inputs of P-Net, R-Net and O-Net, in pixels."""

_STRIDE = 2  # of P-Net
_PYRAMID_STEP = 0.709  # half the area from level to level
_MIDDLE, _RANGE = 127.5, 128.0


def pyramid_scales(height: int, width: int, least_face: float) -> list[float]:
    """Return the scales at which P-Net looks at an image, the finest first.

    Args:
        height: the height of the image in pixels.
        width: the width, in the unit of the height.
        least_face: side of the smallest face to be found, in pixels.
    """
    scales = []
    scale = PROPOSAL_SIDE / least_face
    while min(height, width) * scale >= PROPOSAL_SIDE:
        scales.append(scale)
        scale *= _PYRAMID_STEP
    return scales


def cell_boxes(rows: NDArray[np.intp], columns: NDArray[np.intp], scale: float) -> Boxes:
    """Return what cells of P-Net's output look at, in pixels of the unscaled image."""
    corner = np.stack([columns, rows], axis=1) * float(_STRIDE)
    return np.concatenate([corner, corner + PROPOSAL_SIDE], axis=1) / scale


def calibrate(boxes: Boxes, offsets: NDArray[np.floating]) -> Boxes:
    """Move each corner by a network's answer.

    Args:
        boxes: the boxes that the network looked at.
        offsets: (N, 4) of left, top, right, bottom in widths and heights of its box.
    """
    size = boxes[:, 2:] - boxes[:, :2]
    return np.asarray(boxes + offsets * np.concatenate([size, size], axis=1))


def offsets_to(boxes: Boxes, faces: Boxes) -> Boxes:
    """Return what a network should answer at boxes for their faces: the inverse of `calibrate`."""
    size = boxes[:, 2:] - boxes[:, :2]
    return np.asarray((faces - boxes) / np.concatenate([size, size], axis=1))


def squares(boxes: Boxes) -> Boxes:
    """Widen each box to a square about its centre."""
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True) / 2
    return np.concatenate([centre - half, centre + half], axis=1)


def crop(image: Image, boxes: Boxes, side: int) -> NDArray[np.uint8]:
    """Cut boxes out of an image; what lies outside it is black.

    Returns:
        (N, side, side, 3) in the image's order of colours.
    """
    height, width = image.shape[:2]
    crops = np.zeros((len(boxes), side, side, 3), np.uint8)
    for target, (left, top, right, bottom) in zip(crops, _whole(boxes), strict=True):
        x1, y1, x2, y2 = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
        if x2 <= x1 or y2 <= y1:
            continue
        inside = image[y1:y2, x1:x2]
        if (x1, y1, x2, y2) != (left, top, right, bottom):
            around = (y1 - top, bottom - y2, x1 - left, right - x2)
            inside = cv2.copyMakeBorder(inside, *around, cv2.BORDER_CONSTANT)
        cv2.resize(inside, (side, side), dst=target, interpolation=_method(inside, side))
    return crops


def _whole(boxes: Boxes) -> Sequence[tuple[int, int, int, int]]:
    """Round corners to whole pixels, and let no box become empty."""
    whole = np.rint(boxes).astype(int)
    whole[:, 2:] = np.maximum(whole[:, 2:], whole[:, :2] + 1)
    return [tuple(box) for box in whole.tolist()]


def resize(image: Image, scale: float) -> Image:
    """Scale an image by a factor."""
    height, width = image.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(image, size, interpolation=_method(image, min(size))), np.uint8)


def _method(image: Image, side: int) -> int:
    return int(cv2.INTER_AREA if min(image.shape[:2]) > side else cv2.INTER_LINEAR)


def to_input(bgr: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Turn (N, H, W, 3) BGR pixels into (N, 3, H, W) RGB from -1 to 1, as the networks take it."""
    rgb = bgr[..., ::-1].transpose(0, 3, 1, 2)
    return np.ascontiguousarray((rgb.astype(np.float32) - np.float32(_MIDDLE)) / np.float32(_RANGE))
