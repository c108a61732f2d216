"""Placing a picture on a square canvas so that one face lies where it is wanted."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.shipping.pictures import Picture
from yolo_fer.detector.preprocess import PADDING

_LEAST_VISIBLE = 0.42  # of a face, for the network to have to find it
_LEAST_NOTICED = 0.05  # of a face, for it not to count as background either
_SMALL = 0.6  # scales below it are shrunk by averaging first, against aliasing


@dataclass(frozen=True, slots=True)
class Place:
    """Where a face goes.

    Args:
        x: of its centre on the canvas, in pixels.
        y: likewise.
        side: of its box, in pixels.
        turn: in radians.
        stretch: width over height of what was square.
        mirrored: left and right.
    """

    x: float
    y: float
    side: float
    turn: float = 0.0
    stretch: float = 1.0
    mirrored: bool = False


def placement(box: NDArray[np.float32], place: Place) -> NDArray[np.float64]:
    """Return the (2, 3) affine map that takes a box (4,) to its place."""
    scale = place.side / float(max(box[2] - box[0], box[3] - box[1]))
    cosine, sine = math.cos(place.turn), math.sin(place.turn)
    across = scale * place.stretch * (-1 if place.mirrored else 1)
    linear = np.array([[cosine * across, -sine * scale], [sine * across, cosine * scale]])
    centre = np.array([box[0] + box[2], box[1] + box[3]], np.float64) / 2
    return np.column_stack([linear, np.array([place.x, place.y]) - linear @ centre])


def warp(
    pixels: NDArray[np.uint8],
    matrix: NDArray[np.float64],
    size: int,
    border: int = cv2.BORDER_CONSTANT,
    fill: int = PADDING,
) -> NDArray[np.uint8]:
    """Return (size, size) the picture under an affine map."""
    scale = math.sqrt(abs(float(np.linalg.det(matrix[:, :2]))))
    if scale < _SMALL:
        shrunk = max(1.3 * scale, 0.05)
        pixels = np.asarray(
            cv2.resize(pixels, None, fx=shrunk, fy=shrunk, interpolation=cv2.INTER_AREA), np.uint8
        )
        matrix = np.column_stack([matrix[:, :2] / shrunk, matrix[:, 2]])
    return np.asarray(
        cv2.warpAffine(
            pixels,
            matrix,
            (size, size),
            flags=cv2.INTER_LINEAR,
            borderMode=border,
            borderValue=(fill,),
        ),
        np.uint8,
    )


def whole_square(picture: Picture) -> NDArray[np.float32]:
    """Return (4,) the square around a whole picture, in its pixels."""
    height, width = picture.pixels.shape
    half = max(height, width) / 2
    x, y = width / 2, height / 2
    return np.array([x - half, y - half, x + half, y + half], np.float32)


def move_boxes(boxes: NDArray[np.float32], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (N, 4) boxes under an affine map; they stay upright and keep their shape.

    A turned face is not larger, so that the box around a turned box would be too large.
    """
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2 @ matrix[:, :2].T + matrix[:, 2]
    scale = math.sqrt(abs(float(np.linalg.det(matrix[:, :2]))))
    halves = (boxes[:, 2:] - boxes[:, :2]) * scale / 2
    return np.concatenate([centres - halves, centres + halves], axis=1)


def visible(
    boxes: NDArray[np.float64], size: int, least: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Cut boxes at the edge of a canvas.

    Args:
        boxes: (N, 4) corners, in pixels of the canvas.
        size: of the canvas.
        least: pixels of a side of the smallest face that is to be found.

    Returns:
        The cut boxes (N, 4), which of them (N,) are faces to be found, and which (N,) show too
        little to be either a face or background.
    """
    cut = np.clip(boxes, 0, size)
    sides = np.maximum(cut[:, 2:] - cut[:, :2], 0)
    share = sides.prod(axis=1) / np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 1e-9)
    found = (share >= _LEAST_VISIBLE) & (sides.min(axis=1, initial=np.inf) >= least)
    return cut, found, ~found & (share > _LEAST_NOTICED)
