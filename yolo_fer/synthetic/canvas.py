"""Soft, anti-aliased painting in the coordinates of a head."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from yolo_fer.images import Image

Points: TypeAlias = NDArray[np.float64]
"""Points of shape (N, 2), x to the right and y down.

The origin lies between eyes and mouth; the chin is at y = 1 and the top of the skull at y = -1.
"""
Colour: TypeAlias = NDArray[np.float64]
"""Blue, green, red, 0 to 255."""
Mask: TypeAlias = NDArray[np.uint8]
"""(height, width), 0 to 255."""

LEFT, RIGHT, TOP, BOTTOM = -1.5, 1.5, -1.5, 1.95  # what a canvas shows, in head coordinates
_SUBPIXEL_BITS = 4
_FINE_SCALE = 50.0  # pixels per unit at which thin lines are about a pixel wide
_INVISIBLE = 0.03  # least opacity worth painting
_NECK = np.array([0.0, 0.85])  # the head leans to a side around this point


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a head looks; angles in radians.

    Args:
        yaw: the turn towards the image's right.
        pitch: the bend downwards.
        roll: the lean to the side, clockwise in the image.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0

    def turn(self, points: Points, radius: float = 0.9) -> Points:
        """Move points (N, 2) on the front of a head of some radius as yaw and pitch do."""
        sine = np.minimum(np.maximum(points[:, 0] / radius, -0.98), 0.98)
        turned = np.empty_like(points)
        turned[:, 0] = radius * np.sin(np.arcsin(sine) + self.yaw)
        turned[:, 1] = points[:, 1] + 0.6 * math.sin(self.pitch)
        return turned

    def lean(self, points: Points) -> Points:
        """Rotate points (N, 2) around the neck as roll does."""
        c, s = math.cos(self.roll), math.sin(self.roll)
        return np.asarray((points - _NECK) @ np.array([[c, s], [-s, c]]) + _NECK)

    def slide(self, points: Points, half_width: float) -> Points:
        """Move points (N, 2) between the head's edges sideways as yaw does; the edges stay."""
        room = np.clip(1 - (points[:, 0] / half_width) ** 2, 0, 1)
        shift = 0.9 * half_width * math.sin(self.yaw) * room
        return np.stack([points[:, 0] + shift, points[:, 1] + 0.6 * math.sin(self.pitch)], axis=1)


class Canvas:
    """A picture of one head and its opacity.

    Args:
        scale: pixels per unit of head coordinates.
        pose: all that is painted with `lean=True` leans with the head.
    """

    def __init__(self, scale: float, pose: Pose) -> None:
        self.scale = scale
        self.pose = pose
        # painting maps thousands of polygons: the way to pixels is worked out once
        axes, origin, zero = np.eye(2), np.array([LEFT, TOP]), pose.lean(np.zeros((1, 2)))
        self._upright = axes * scale, -origin * scale
        self._leaning = (pose.lean(axes) - zero) * scale, (zero[0] - origin) * scale
        self.fine = scale >= _FINE_SCALE  # whether wrinkles and the like would be seen
        self.width = math.ceil((RIGHT - LEFT) * scale)
        self.height = math.ceil((BOTTOM - TOP) * scale)
        self.image: Image = np.zeros((self.height, self.width, 3), np.uint8)
        self.alpha: Mask = np.zeros((self.height, self.width), np.uint8)

    def pixels(self, points: Points, lean: bool = True) -> Points:
        """Turn head coordinates (N, 2) into pixels of this canvas."""
        matrix, offset = self._leaning if lean else self._upright
        return np.asarray(points @ matrix + offset)

    def mask(self, points: Points, lean: bool = True) -> Mask:
        """Return the opacity of a polygon on the whole canvas."""
        mask = np.zeros((self.height, self.width), np.uint8)
        _fill(mask, self.pixels(points, lean), 255)
        return mask

    def fill(
        self,
        points: Points,
        colour: Colour,
        opacity: float = 1.0,
        soft: float = 0.0,
        clip: Mask | None = None,
        lean: bool = True,
    ) -> None:
        """Paint a polygon.

        Args:
            points: (N, 2) in head coordinates.
            colour: the colour of the paint.
            opacity: the opacity, 0 to 1.
            soft: standard deviation of the edge's blur, in head coordinates.
            clip: paint only where this mask of the whole canvas is.
            lean: whether the polygon leans with the head; False for neck and body.
        """
        if opacity < _INVISIBLE:
            return
        pixels = self.pixels(points, lean)
        if opacity == 1.0 and soft == 0.0 and clip is None:
            _fill(self.image, pixels, tuple(colour.tolist()))
            return
        sigma = soft * self.scale
        margin = math.ceil(2.5 * sigma) + 2
        x1, y1 = (max(math.floor(v) - margin, 0) for v in pixels.min(0).tolist())
        x2, y2 = (max(math.ceil(v) + margin, 0) for v in pixels.max(0).tolist())
        area = self.image[y1:y2, x1:x2]
        if area.size == 0:
            return
        mask = np.zeros(area.shape[:2], np.uint8)
        _fill(mask, pixels - (x1, y1), 255)
        share = mask * np.float32(opacity / 255)
        if sigma > 0.3:
            # OpenCV blurs floats three times as fast as bytes
            share = cv2.GaussianBlur(share, (0, 0), sigma)
        if clip is not None:
            share *= clip[y1:y2, x1:x2] * np.float32(1 / 255)
        paint = np.empty_like(area)
        paint[:] = colour
        blend(area, paint, share)

    def show(self, points: Points, lean: bool = True) -> None:
        """Make the inside of a polygon opaque."""
        _fill(self.alpha, self.pixels(points, lean), 255)


def blend(area: Image, paint: Image, share: NDArray[np.float32]) -> None:
    """Blend paint (H, W, 3) into an area of a picture, in place; share (H, W) is 0 to 1."""
    area[:] = cv2.blendLinear(paint, area, share, 1 - share)


def _fill(image: Image | Mask, pixels: Points, colour: float | tuple[float, ...]) -> None:
    fixed = np.round(pixels * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    cv2.fillPoly(image, [fixed], colour, cv2.LINE_AA, _SUBPIXEL_BITS)


@cache
def _catmull_rom(knots: int, closed: bool, steps: int) -> Points:
    """Return the matrix (points, knots) that turns knots into the points of a curve."""
    t = np.linspace(0, 1, steps, endpoint=False)
    weights = (-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2)
    spans = knots if closed else knots - 1
    matrix = np.zeros((spans * steps + (not closed), knots))
    for span in range(spans):
        for weight, neighbour in zip(weights, range(span - 1, span + 3), strict=True):
            knot = neighbour % knots if closed else min(max(neighbour, 0), knots - 1)
            matrix[span * steps : (span + 1) * steps, knot] += 0.5 * weight
    if not closed:
        matrix[-1, -1] = 1
    return matrix


def curve(knots: ArrayLike, closed: bool = False, steps: int = 8) -> Points:
    """Return a smooth (Catmull-Rom) curve through knots (N, 2), each `steps` points apart."""
    p = np.asarray(knots, np.float64)
    return _catmull_rom(len(p), closed, steps) @ p


def ribbon(line: Points, widths: Sequence[float]) -> Points:
    """Return the polygon of a line (N, 2) whose width changes from one end to the other.

    Args:
        line: (N, 2) the points of the middle line.
        widths: two or more widths, spread evenly from the first point to the last.
    """
    at = np.arange(len(line)) * ((len(widths) - 1) / (len(line) - 1))
    width = np.interp(at, np.arange(len(widths)), widths)
    along = np.empty_like(line)
    along[1:-1] = line[2:] - line[:-2]
    along[0], along[-1] = line[1] - line[0], line[-1] - line[-2]
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
    half = along[:, ::-1] * (0.5 * width / length)[:, None] * (-1.0, 1.0)
    return np.concatenate([line + half, (line - half)[::-1]])


def lowered(points: Points, by: float) -> Points:
    """Return points (N, 2) moved down."""
    return np.asarray(points + np.array([0.0, by]))


def ellipse(x: float, y: float, rx: float, ry: float, steps: int = 24) -> Points:
    """Return the polygon of an ellipse."""
    t = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    return np.column_stack([x + rx * np.cos(t), y + ry * np.sin(t)])
