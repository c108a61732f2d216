"""Neck, ears, shoulders and clothes."""

from __future__ import annotations

import numpy as np

from yolo_fer.synthetic.appearance import Person
from yolo_fer.synthetic.canvas import BOTTOM, Canvas, Points, curve, ellipse, ribbon


def paint_body(canvas: Canvas, person: Person, light_side: float) -> None:
    """Paint shoulders, clothes and neck; none of them leans with the head."""
    cloth = person.cloth
    half = curve(
        [
            [0.0, 1.16],
            [0.34, 1.14],
            [0.56, 1.26],
            [0.95, 1.36],
            [1.22, 1.52],
            [1.36, 1.80],
            [1.40, BOTTOM + 0.1],
        ]
    )
    shape = np.concatenate([half, half[::-1] * [-1, 1]])
    canvas.show(shape, lean=False)
    canvas.fill(shape, cloth, lean=False)
    body = canvas.mask(shape, lean=False)
    shade, shine = cloth * 0.55, np.minimum(cloth * 1.2 + 12, 255)
    for side in (-1.0, 1.0):
        arm = curve([[1.42, 1.5], [1.34, 1.75], [1.4, BOTTOM + 0.2]]) * [side, 1]
        opacity = 0.75 if side != np.sign(light_side) else 0.4
        canvas.fill(ribbon(arm, [0.3, 0.4, 0.35]), shade, opacity, 0.09, clip=body, lean=False)
        seam = curve([[1.0, 1.5], [0.98, 1.75], [1.06, BOTTOM + 0.2]]) * [side, 1]
        canvas.fill(ribbon(seam, [0.02, 0.05, 0.06]), shade, 0.5, 0.02, clip=body, lean=False)
    glow = ellipse(0.75 * np.sign(light_side), 1.5, 0.3, 0.12)
    canvas.fill(glow, shine, 0.5, 0.1, clip=body, lean=False)
    _paint_neck(canvas, person)
    _paint_collar(canvas, person)


def _paint_neck(canvas: Canvas, person: Person) -> None:
    w = 0.62 * person.width
    depth = {"round": 1.30, "v": 1.55, "shirt": 1.42, "jacket": 1.5}[person.collar]
    side = curve([[w * 0.95, 0.4], [w * 0.93, 0.9], [w * 1.0, 1.1], [w * 1.25, 1.2]])
    throat = np.array([[0.0, depth]]) if person.collar != "round" else _bow(w, depth)
    neck = np.concatenate([side, throat, side[::-1] * [-1, 1]])
    shade = person.skin * [0.62, 0.68, 0.78]
    canvas.show(neck, lean=False)
    canvas.fill(neck, shade, lean=False)
    mask = canvas.mask(neck, lean=False)
    deep = person.skin * [0.32, 0.38, 0.48]
    chin = ellipse(0.0, 0.93, 0.52, 0.24)
    canvas.fill(chin, deep, 0.85, 0.05, clip=mask, lean=False)
    for x in (-1.0, 1.0):
        edge = curve([[w * 0.95, 0.4], [w * 0.95, 0.9], [w * 1.0, 1.1]]) * [x, 1]
        canvas.fill(ribbon(edge, [0.12, 0.1]), deep, 0.6, 0.04, clip=mask, lean=False)
        tendon = curve([[0.3 * x * w * 2, 1.0], [0.06 * x, 1.28]])
        canvas.fill(ribbon(tendon, [0.02, 0.03]), deep, 0.25, 0.015, clip=mask, lean=False)


def _bow(w: float, depth: float) -> Points:
    return curve(
        [
            [w * 1.2, 1.2],
            [w * 0.7, depth - 0.03],
            [0, depth],
            [-w * 0.7, depth - 0.03],
            [-w * 1.2, 1.2],
        ]
    )


def _paint_collar(canvas: Canvas, person: Person) -> None:
    w = 0.62 * person.width
    edge = person.cloth * 0.6
    if person.collar == "round":
        canvas.fill(ribbon(_bow(w, 1.31), [0.06, 0.05, 0.06]), edge, 0.8, 0.008, lean=False)
        return
    tip = {"v": 1.56, "shirt": 1.43, "jacket": 1.52}[person.collar]
    light = np.minimum(person.cloth * 0.2 + 185, 250)
    for side in (-1.0, 1.0):
        rim = curve([[w * 1.22, 1.17], [w * 0.7, 1.34], [0.0, tip]]) * [side, 1]
        if person.collar == "v":
            canvas.fill(ribbon(rim, [0.05, 0.05]), edge, 0.8, 0.006, lean=False)
            continue
        flap = np.concatenate([rim, np.array([[0.24, tip + 0.14], [w * 1.42, 1.30]]) * [side, 1]])
        paper = light if person.collar == "jacket" else np.minimum(person.cloth * 1.15 + 8, 255)
        canvas.fill(flap, paper, lean=False)
        canvas.fill(ribbon(np.concatenate([flap, flap[:1]]), [0.015, 0.015]), edge, 0.6, lean=False)
        if person.collar == "jacket":
            lapel = np.array(
                [[w * 1.45, 1.27], [0.72, 1.62], [0.5, 1.7], [0.1, 2.1], [0.24, tip + 0.14]]
            )
            canvas.fill(lapel * [side, 1], person.cloth * 0.8, lean=False)
    if person.collar == "jacket":
        shirt = np.array(
            [[-0.22, tip + 0.12], [0.0, tip], [0.22, tip + 0.12], [0.08, 2.1], [-0.08, 2.1]]
        )
        canvas.fill(shirt, light, lean=False)


def paint_ears(canvas: Canvas, person: Person) -> None:
    """Paint the ears; the one that a turned head hides lies under its cheek."""
    for side in (-1.0, 1.0):
        x = side * person.width * 1.02 - 0.10 * np.sin(canvas.pose.yaw)
        ear = ellipse(x, 0.02, 0.10, 0.20)
        canvas.show(ear)
        canvas.fill(ear, person.skin * [0.66, 0.7, 0.82])
        canvas.fill(
            ellipse(x + 0.02 * side, 0.0, 0.05, 0.12), person.skin * [0.4, 0.45, 0.6], 0.6, 0.02
        )
