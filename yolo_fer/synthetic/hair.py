"""Hair, beards and glasses."""

from __future__ import annotations

import cv2
import numpy as np

from yolo_fer.synthetic.appearance import Person
from yolo_fer.synthetic.canvas import Canvas, Mask, Points, blend, curve, ellipse, lowered, ribbon
from yolo_fer.synthetic.expressions import Expression
from yolo_fer.synthetic.head_shape import jaw_drop

_LENGTHS = {"bob": 0.75, "long": 1.55}  # y of the tips next to the neck
_VOLUME = {"cropped": 0.035, "short": 0.09, "side": 0.11, "fringe": 0.11, "bob": 0.13}
_STRANDS, _FEW_STRANDS = 60, 25
# Hair shines in a band half-way along: from, to, brightness.
_GLOSS = ((0.0, 0.3, 0.85), (0.25, 0.45, 1.0), (0.4, 0.65, 1.18), (0.6, 0.8, 1.0), (0.75, 1.0, 0.8))


def paint_back_hair(canvas: Canvas, person: Person, rng: np.random.Generator) -> None:
    """Paint the hair that falls behind neck and shoulders, or is tied up behind the head."""
    w = person.width
    if person.hair_style == "bun":
        knot = ellipse(0.1 * w * rng.uniform(-1, 1), -1.16, 0.27, 0.23)
        canvas.show(knot)
        _paint_strands(canvas, person, knot, knot[:12], knot[12:], rng)
    if person.hair_style not in _LENGTHS:
        return
    tips = _LENGTHS[person.hair_style] + float(rng.uniform(-0.12, 0.12))
    wide = w * (1.28 + 0.10 * rng.random())
    right = curve(
        [
            [0.4 * w, -1.05],
            [1.1 * w, -0.6],
            [wide, 0.1],
            [wide * 1.05, tips - 0.25],
            [wide * 0.8, tips],
        ]
    )
    left = right * [-1, 1]
    shape = np.concatenate([right, left[::-1]])
    canvas.show(shape)
    canvas.fill(shape, person.hair * 0.55)
    inner = curve([[0.0, -1.0], [0.5 * w, -0.5], [0.6 * w, 0.2], [0.5 * w, tips]])
    for side in (-1.0, 1.0):
        lock = np.concatenate([right, inner[::-1]]) * [side, 1]
        _paint_strands(canvas, person, lock, right * [side, 1], inner * [side, 1], rng, 0.8)


def paint_hair(canvas: Canvas, person: Person, rng: np.random.Generator, head: Points) -> None:
    """Paint the hair over the skull, down to the hairline."""
    style, w = person.hair_style, person.width
    if style == "bald":
        return
    volume = _VOLUME.get(style, 0.1) + 0.02 * float(rng.random())
    side_end = {"cropped": -0.25, "short": -0.1, "bun": -0.2}.get(style, 0.02)
    outer = curve(
        [
            [-(w + 0.2 * volume), side_end],
            [-(w + 0.8 * volume), -0.3],
            [-(0.86 * w + volume), -0.72],
            [-0.5 * w, -0.97 - volume],
            [0.0, -1.03 - volume],
            [0.5 * w, -0.97 - volume],
            [0.86 * w + volume, -0.72],
            [w + 0.8 * volume, -0.3],
            [w + 0.2 * volume, side_end],
        ]
    )
    outer[:, 0] += 0.05 * np.sin(canvas.pose.yaw)
    line = canvas.pose.slide(_hairline(person, rng, side_end), w)
    if style == "curly":
        for x, y in outer[::4]:
            beside = y > -0.5  # next to the face, where curls must not cover an eye
            radius = rng.uniform(0.09, 0.13) if beside else rng.uniform(0.12, 0.2)
            lump = ellipse(x + 0.07 * np.sign(x) * beside, y - 0.02, radius, 0.95 * radius)
            canvas.show(lump)
            canvas.fill(lump, person.hair * rng.uniform(0.7, 1.1))
    shape = np.concatenate([outer, line[::-1]])
    canvas.show(shape)
    shadow = np.concatenate([line, lowered(line, 0.10)[::-1]])
    canvas.fill(shadow, person.skin * [0.3, 0.36, 0.48], 0.45, 0.035, clip=canvas.mask(head))
    _paint_strands(canvas, person, shape, outer, line, rng, soft=0.006)


def _hairline(person: Person, rng: np.random.Generator, side_end: float) -> Points:
    """Return the lower edge of the front hair, from the left side to the right."""
    w, top = person.width, person.forehead
    temple = [-0.93 * w, -0.18]
    if person.hair_style in ("fringe", "bob") and rng.random() < 0.75:
        low = -0.43 + 0.04 * float(rng.uniform(-1, 1))
        half = [[-0.97 * w, side_end], [-0.86 * w, -0.2], [-0.7 * w, low + 0.05], [-0.3 * w, low]]
    elif person.hair_style in ("side", "long", "bob", "bun"):
        part = float(rng.choice([-0.4, 0.4]) + rng.uniform(-0.1, 0.1)) * w
        knots = [
            [-0.97 * w, side_end],
            temple,
            [-0.74 * w, top + 0.22],
            [part - 0.1, top + 0.03],
            [part, top - 0.10],
            [part + 0.1, top + 0.02],
            [0.74 * w, top + 0.22],
            [-temple[0], temple[1]],
            [0.97 * w, side_end],
        ]
        return curve(knots)
    else:
        recede = 0.12 * person.age
        half = [
            [-0.97 * w, side_end],
            temple,
            [-0.68 * w, top + 0.08 - recede],
            [-0.3 * w, top - 0.02],
        ]
    middle = [[0.0, half[-1][1] - 0.01]]
    return curve(half + middle + [[-x, y] for x, y in half[::-1]])


def _paint_strands(
    canvas: Canvas,
    person: Person,
    shape: Points,
    start: Points,
    end: Points,
    rng: np.random.Generator,
    brightness: float = 1.0,
    soft: float = 0.0,
) -> None:
    """Fill a shape with hair that runs from one of its edges to the other, with a band of gloss."""
    base = person.hair * brightness
    mask: Mask = canvas.mask(shape)
    x, y, w, h = cv2.boundingRect(mask)
    paint = np.empty((h, w, 3), np.uint8)
    paint[:] = base * 0.8
    count = _STRANDS if canvas.fine else _FEW_STRANDS
    at = np.linspace(0, 1, count)
    drift = np.clip(at + rng.uniform(-0.03, 0.03, count), 0, 1)
    first = canvas.pixels(start)[np.round(at * (len(start) - 1)).astype(int)] - (x, y)
    last = canvas.pixels(end)[np.round(drift * (len(end) - 1)).astype(int)] - (x, y)
    tones = rng.uniform(0.65, 1.22, count)
    width = max(1, round(0.045 * canvas.scale))
    for low, high, gloss in _GLOSS:
        strands = np.stack([first + (last - first) * low, first + (last - first) * high], axis=1)
        fixed = np.round(strands * 16).astype(np.int32)
        colours = np.minimum(base * (tones * gloss)[:, None] + 10 * (gloss > 1), 250).tolist()
        for strand, colour in zip(fixed, colours, strict=True):
            cv2.polylines(paint, [strand], False, colour, width, cv2.LINE_AA, 4)
    blur = max(2, round(0.04 * canvas.scale))
    paint = cv2.blur(paint, (blur, blur))
    share = mask[y : y + h, x : x + w] * np.float32(1 / 255)
    if soft * canvas.scale > 0.3:
        share = cv2.GaussianBlur(share, (0, 0), soft * canvas.scale)
    blend(canvas.image[y : y + h, x : x + w], paint, share)


def paint_beard(canvas: Canvas, person: Person, face: Expression, head: Mask) -> None:
    """Paint the hair of the lower face; painted before the mouth, which lies over it."""
    if person.beard == "none":
        return
    w, drop = person.width, jaw_drop(face)
    mouth = person.nose_length + 0.13
    lip = curve(
        [
            [-0.30, mouth + 0.06],
            [-0.2, mouth - 0.07],
            [0, mouth - 0.09],
            [0.2, mouth - 0.07],
            [0.30, mouth + 0.06],
        ]
    )
    if person.beard == "moustache":
        shape = canvas.pose.turn(np.concatenate([lip, lowered(lip * [0.9, 1], 0.06)[::-1]]))
        canvas.fill(shape, person.hair * 0.8, 0.8, 0.015, clip=head)
        return
    chin = curve(
        [
            [-1.05 * w, 0.1],
            [-0.72 * w, 0.34],
            *(lip[::8] * [1.15, 1]).tolist(),
            [0.72 * w, 0.34],
            [1.05 * w, 0.1],
            [1.05 * w, 1.1 + drop],
            [-1.05 * w, 1.1 + drop],
        ],
        closed=True,
    )
    opacity = 0.28 if person.beard == "stubble" else 0.75
    canvas.fill(canvas.pose.slide(chin, 1.05 * w), person.hair * 0.8, opacity, 0.05, clip=head)


def paint_glasses(canvas: Canvas, person: Person) -> None:
    """Paint a thin frame around each eye."""
    frame = np.array([30.0, 30.0, 34.0])
    gap = person.eye_gap
    for side in (-1.0, 1.0):
        rim = ellipse(side * gap * 1.02, -0.05, 0.245, 0.19, 28)
        rim = canvas.pose.turn(np.concatenate([rim, rim[:1]]))
        canvas.fill(ribbon(rim, [0.022, 0.022]), frame, 0.85, 0.003)
        temple = np.array([[side * (gap + 0.25), -0.08], [side * person.width * 0.98, -0.12]])
        canvas.fill(ribbon(canvas.pose.turn(temple), [0.025, 0.02]), frame, 0.8)
    bridge = curve([[-gap + 0.24, -0.07], [0, -0.11], [gap - 0.24, -0.07]])
    canvas.fill(ribbon(canvas.pose.turn(bridge), [0.022, 0.022]), frame, 0.85)
