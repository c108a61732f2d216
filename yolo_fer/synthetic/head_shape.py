"""The outline of a head, and the light on it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from yolo_fer.synthetic.appearance import Person
from yolo_fer.synthetic.canvas import BOTTOM, LEFT, RIGHT, TOP, Canvas, Mask, Points, blend, curve
from yolo_fer.synthetic.expressions import ActionUnit, Expression

EYE_Y = -0.08  # of the eyes, in head coordinates
_GRID = 24  # cells per unit of head coordinates: light on skin has no finer detail

Field = NDArray[np.float32]
"""A value for each cell of the grid, (rows, columns)."""


def jaw_drop(face: Expression) -> float:
    """Return how far the chin sinks, in head coordinates."""
    return 0.19 * face[ActionUnit.JAW_DROP] - 0.03 * face[ActionUnit.CHIN_RAISER]


def head_outline(person: Person, face: Expression, yaw: float) -> Points:
    """Return the closed outline of skull, cheeks and jaw, (N, 2) in head coordinates."""
    w, drop = person.width, jaw_drop(face)
    cheek = 0.02 * face[ActionUnit.LIP_CORNER_PULLER]
    half = np.array(
        [
            [0.0, -1.0],
            [0.55 * w, -0.93],
            [0.90 * w, -0.62],
            [1.00 * w, -0.15],
            [0.965 * w + cheek, 0.25 + 0.2 * drop],
            [person.jaw * w, 0.58 + 0.6 * drop],
            [person.chin * w * 1.45, 0.87 + drop],
            [person.chin * w * 0.75, 0.985 + drop],
            [0.0, 1.01 + drop],
        ]
    )
    left = half[-2:0:-1] * [-1, 1]
    outline = curve(np.concatenate([half, left]), closed=True)
    # the chin stands out in front of the neck: turning moves it further than the skull
    outline[:, 0] += 0.22 * np.sin(yaw) * np.clip((outline[:, 1] + 0.4) / 1.2, 0, 1)
    return outline


def paint_skin(
    canvas: Canvas, person: Person, face: Expression, light: tuple[float, float], head: Mask
) -> None:
    """Paint the head's skin: a rounded form lit from one side, with what lies in shadow."""
    shade, redness = _light_and_blood(person, face, canvas.pose.yaw, canvas.pose.pitch, light)
    # light that has passed through skin is red: shadows lose blue first
    channels = [
        person.skin[0] * np.power(shade, 1.25) * (1 - 0.32 * redness),
        person.skin[1] * np.power(shade, 1.12) * (1 - 0.30 * redness),
        person.skin[2] * np.power(shade, 0.92) * (1 + 0.02 * redness),
    ]
    skin = np.clip(np.stack(channels, axis=2), 0, 255).astype(np.uint8)
    x, y, w, h = cv2.boundingRect(head)
    corners = np.array([[LEFT, TOP], [RIGHT, TOP], [LEFT, BOTTOM]])
    source = (corners - (LEFT, TOP)) * _GRID - 0.5
    target = canvas.pixels(corners) - (x + 0.5, y + 0.5)
    warp = cv2.getAffineTransform(source.astype(np.float32), target.astype(np.float32))
    large = cv2.warpAffine(skin, warp, (w, h), borderMode=cv2.BORDER_REPLICATE)
    share = head[y : y + h, x : x + w] * np.float32(1 / 255)
    blend(canvas.image[y : y + h, x : x + w], large, share)


def _light_and_blood(
    person: Person, face: Expression, yaw: float, pitch: float, light: tuple[float, float]
) -> tuple[Field, Field]:
    xs = np.arange(LEFT, RIGHT, 1 / _GRID, dtype=np.float32) + np.float32(0.5 / _GRID)
    ys = np.arange(TOP, BOTTOM, 1 / _GRID, dtype=np.float32) + np.float32(0.5 / _GRID)
    turn, nod = 0.9 * np.sin(yaw), 0.6 * np.sin(pitch)

    def spot(x: float, y: float, sx: float, sy: float) -> Field:
        gx = np.exp(-(((xs - x - turn) / sx) ** 2))
        gy = np.exp(-(((ys - y - nod) / sy) ** 2))
        return np.asarray(np.outer(gy, gx), dtype=np.float32)

    def pair(x: float, y: float, sx: float, sy: float) -> Field:
        return spot(x, y, sx, sy) + spot(-x, y, sx, sy)

    w = person.width
    nx = xs[None, :] / (1.12 * w)
    ny = (ys[:, None] + 0.05) / 1.25
    nz = np.sqrt(np.clip(1 - nx**2 - ny**2, 0.02, 1))
    side, strength = light
    facing = np.clip(nx * side * 0.6 - ny * 0.45 + nz * 0.75, 0, 1.2)
    shade = (0.66 - 0.12 * strength) + (0.42 + 0.12 * strength) * facing

    eye, gap = EYE_Y, person.eye_gap
    nose = eye + person.nose_length
    drop = jaw_drop(face)
    smile = face[ActionUnit.LIP_CORNER_PULLER]
    wrinkle = face[ActionUnit.NOSE_WRINKLER]
    frown = face[ActionUnit.BROW_LOWERER]
    mouth = nose + 0.2
    dark = (
        0.20 * pair(gap * 0.92, eye - 0.02, 0.19, 0.13)
        + 0.10 * pair(gap * 0.5, eye - 0.05, 0.08, 0.12) * (1 + frown)
        + 0.06 * pair(gap, eye + 0.14, 0.14, 0.05)
        + 0.13 * pair(person.nose_width + 0.03, nose - 0.05, 0.06, 0.09)
        + 0.16 * spot(0, nose + 0.05, 0.12, 0.05)
        + 0.10 * pair(0.30 + 0.05 * smile, mouth - 0.02 - 0.06 * smile, 0.06, 0.13)
        + 0.15 * spot(0, mouth + 0.17 + 0.8 * drop, 0.17, 0.05)
        + 0.10 * pair(0.92 * w, -0.2, 0.12, 0.4)
        + 0.10 * wrinkle * pair(0.1, eye + 0.1, 0.07, 0.08)
        + 0.12 * pair(0.75 * w, 0.45, 0.16, 0.22)
        + 0.05 * frown * spot(0, eye - 0.2, 0.12, 0.1)
    )
    bright = (
        0.10 * spot(0, -0.42, 0.3, 0.16)
        + 0.13 * spot(0, nose - 0.22, 0.05, 0.2)
        + 0.14 * spot(0.01, nose - 0.05, 0.07, 0.06)
        + (0.09 + 0.05 * smile) * pair(0.42, nose - 0.12 - 0.06 * smile, 0.15, 0.10)
        + 0.07 * spot(0, 0.82 + drop, 0.13, 0.08)
        + 0.05 * spot(0, mouth - 0.1, 0.05, 0.05)
    )
    # the side of the nose that is turned away from the light
    dark += 0.12 * strength * spot(-side * 0.1, nose - 0.14, 0.06, 0.18)
    redness = (
        (0.20 + 0.15 * smile) * pair(0.42, nose - 0.08, 0.19, 0.15)
        + 0.30 * spot(0, nose - 0.04, 0.1, 0.08)
        + 0.15 * pair(gap, eye + 0.1, 0.15, 0.06)
        + 0.12 * spot(0, 0.85 + drop, 0.2, 0.1)
    )
    return np.clip(shade * (1 + bright - dark), 0.15, 1.25), redness
