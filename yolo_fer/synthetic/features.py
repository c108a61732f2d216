"""Eyes, brows and nose, and the wrinkles around them."""

from __future__ import annotations

import numpy as np

from yolo_fer.synthetic.appearance import Person
from yolo_fer.synthetic.canvas import Canvas, Mask, Points, curve, ellipse, lowered, ribbon
from yolo_fer.synthetic.expressions import ActionUnit as AU
from yolo_fer.synthetic.expressions import Expression
from yolo_fer.synthetic.head_shape import EYE_Y

_DARK = np.array([18.0, 20.0, 30.0])
_WHITE = np.array([222.0, 226.0, 228.0])
_GLINT = np.array([250.0, 250.0, 250.0])


def paint_eyes(
    canvas: Canvas, person: Person, face: Expression, gaze: tuple[float, float], head: Mask
) -> None:
    """Paint both eyes: white, iris, lids, lashes and the folds around them."""
    for side in (-1.0, 1.0):
        _paint_eye(canvas, person, face, side, gaze, head)


def _paint_eye(
    canvas: Canvas,
    person: Person,
    face: Expression,
    side: float,
    gaze: tuple[float, float],
    head: Mask,
) -> None:
    size = person.eye_size
    squint = face[AU.CHEEK_RAISER] + 0.8 * face[AU.LID_TIGHTENER] + 0.6 * face[AU.NOSE_WRINKLER]
    upper = 0.40 + 0.30 * face[AU.UPPER_LID_RAISER] - 0.10 * squint - 0.55 * face[AU.EYES_CLOSED]
    lower = 0.26 + 0.06 * face[AU.UPPER_LID_RAISER] - 0.16 * squint
    upper, lower = max(upper, 0.06), max(lower, 0.03)
    sad = 0.12 * max(face[AU.INNER_BROW_RAISER] - face[AU.OUTER_BROW_RAISER], 0)
    heavy = 0.12 * face[AU.BROW_LOWERER]

    def place(points: list[list[float]], steps: int = 8) -> Points:
        line = curve(np.array(points) * size, steps=steps)
        line[:, 1] -= person.eye_tilt * line[:, 0] / size
        return canvas.pose.turn(line * [side, 1] + [side * person.eye_gap, EYE_Y])

    # from the inner corner (-1) to the outer corner (+1)
    top = [
        [-1.0, 0.10],
        [-0.55, -0.75 * upper + heavy - sad * 0.6],
        [0.05, -upper],
        [0.62, -0.72 * upper + sad],
        [1.05, -0.02],
    ]
    bottom = [[-1.0, 0.10], [-0.4, 0.82 * lower], [0.2, lower], [0.7, 0.68 * lower], [1.05, -0.02]]
    lid, under = place(top), place(bottom)
    skin = person.skin
    # the upper lid and its crease, which goes up with the brow and vanishes under a frown
    crease = [[x, y - 0.20 + 0.06 * squint - 0.1 * face[AU.OUTER_BROW_RAISER]] for x, y in top]
    canvas.fill(
        ribbon(place(crease), [0.005, 0.03, 0.03, 0.012]), skin * [0.4, 0.45, 0.58], 0.6, 0.008
    )
    shape = np.concatenate([lid, under[::-1]])
    canvas.fill(shape, _WHITE * (0.62 + 0.33 * skin.mean() / 255))
    at = [side * person.eye_gap + gaze[0] * size, EYE_Y + (gaze[1] - 0.08) * size]
    shaded = np.concatenate([lid, lowered(lid, 0.22 * size)[::-1]])
    _paint_iris(canvas, person, at, shaded, eye=canvas.mask(shape))
    lashes = ribbon(lid, [0.012, 0.03, 0.035, 0.03, 0.015])
    canvas.fill(lashes, person.brows * 0.4 + 8, 0.9, 0.004)
    canvas.fill(ribbon(under, [0.012, 0.014, 0.018, 0.012]), skin * [0.42, 0.45, 0.6], 0.6, 0.006)
    # a bag under the eye, deep when the cheek pushes it up; crow's feet next to it
    bag = [[x, y + 0.34 - 0.04 * squint] for x, y in bottom[1:4]]
    strength = min(0.12 + 0.25 * person.age + 0.3 * squint, 0.7)
    canvas.fill(
        ribbon(place(bag), [0.0, 0.035, 0.0]), skin * [0.5, 0.55, 0.68], strength, 0.012, clip=head
    )
    for angle in (-0.35, 0.1, 0.5) if canvas.fine else ():
        foot = [[1.25, angle * 0.35], [1.75, angle * 1.1]]
        canvas.fill(
            ribbon(place(foot, 3), [0.02, 0.004]),
            skin * [0.5, 0.55, 0.68],
            min(face[AU.CHEEK_RAISER] * (0.25 + 0.5 * person.age), 0.7),
            0.006,
            clip=head,
        )


def _paint_iris(canvas: Canvas, person: Person, at: list[float], shaded: Points, eye: Mask) -> None:
    """Paint iris and pupil, the shadow of the lid on them, and a glint."""
    radius = person.eye_size * 0.47
    x, y = canvas.pose.turn(np.array([at]))[0]
    canvas.fill(ellipse(x, y, radius, radius), person.iris * 0.5, clip=eye)
    canvas.fill(
        ellipse(x, y + 0.1 * radius, radius * 0.8, radius * 0.8), person.iris, 0.9, clip=eye
    )
    canvas.fill(ellipse(x, y, radius * 0.45, radius * 0.45), _DARK, clip=eye)
    canvas.fill(shaded, _DARK, 0.35, 0.012, clip=eye)
    canvas.fill(
        ellipse(x - 0.3 * radius, y - 0.35 * radius, radius * 0.2, radius * 0.2), _GLINT, clip=eye
    )


def paint_brows(canvas: Canvas, person: Person, face: Expression, head: Mask) -> None:
    """Paint the brows, the lines between them and the wrinkles of the forehead."""
    inner, outer, lower = (
        face[AU.INNER_BROW_RAISER],
        face[AU.OUTER_BROW_RAISER],
        face[AU.BROW_LOWERER],
    )
    wrinkle = face[AU.NOSE_WRINKLER]
    base = EYE_Y - person.brow_height
    gap = person.eye_gap
    for side in (-1.0, 1.0):
        up = 1 + face.lopsided * side
        heart = 0.115 * lower + 0.05 * wrinkle - 0.14 * inner * up
        middle = 0.075 * lower + 0.05 * wrinkle - (0.06 * inner + 0.10 * outer) * up
        tail = 0.02 * lower + 0.02 * wrinkle - 0.11 * outer * up + 0.02 * inner
        pinch = 0.065 * lower + 0.02 * wrinkle
        line = curve(
            [
                [gap * 0.44 - pinch, base + 0.03 + heart],
                [gap * 0.75 - pinch * 0.6, base - 0.005 + 0.6 * heart + 0.4 * middle],
                [gap * 1.15, base - 0.02 + middle],
                [gap * 1.65, base + 0.055 + tail],
            ]
        )
        line = canvas.pose.turn(line * [side, 1])
        t = person.brow_thickness
        canvas.fill(ribbon(line, [t * 0.7, t * 1.2, t, 0.15 * t]), person.brows, 0.75, 0.012)
        canvas.fill(ribbon(line, [t * 0.3, t * 0.8, t * 0.6, 0.1 * t]), person.brows, 0.6, 0.004)
    fold = person.skin * [0.5, 0.55, 0.68]
    for x in (-1.0, 1.0):
        line = curve([[x * 0.045, base + 0.14], [x * 0.055, base + 0.03], [x * 0.04, base - 0.05]])
        canvas.fill(
            ribbon(canvas.pose.turn(line), [0.005, 0.03, 0.004]),
            fold,
            min(0.1 * person.age + 0.65 * lower, 0.8),
            0.008,
        )
    for row in range(3 if canvas.fine else 0):
        y = base - 0.13 - 0.085 * row - 0.06 * max(inner, outer)
        breadth = 0.22 + 0.24 * outer
        line = curve(
            [
                [-breadth, y - 0.02 + 0.05 * (inner - outer)],
                [0, y],
                [breadth, y - 0.02 + 0.05 * (inner - outer)],
            ]
        )
        canvas.fill(
            ribbon(canvas.pose.turn(line), [0.0, 0.022, 0.0]),
            fold,
            min((0.12 + 0.4 * person.age) * person.age + 0.5 * max(inner, outer), 0.75),
            0.010,
            clip=head,
        )


def paint_nose(canvas: Canvas, person: Person, face: Expression, light_side: float) -> None:
    """Paint nostrils, wings and the wrinkles over the bridge."""
    wrinkle = max(face[AU.NOSE_WRINKLER], 0.4 * face[AU.UPPER_LIP_RAISER])
    y = EYE_Y + person.nose_length - 0.05 * wrinkle
    w = person.nose_width * (1 + 0.12 * wrinkle + 0.08 * face[AU.LIP_CORNER_PULLER])
    shade = person.skin * [0.42, 0.46, 0.6]
    # the tip stands out and so moves further when the head turns
    shift = 0.12 * np.sin(canvas.pose.yaw)

    def place(points: Points) -> Points:
        turned = canvas.pose.turn(points)
        turned[:, 0] += shift
        return turned

    for side in (-1.0, 1.0):
        wing = curve(
            [[0.62 * w, y + 0.035], [w, y + 0.02], [1.05 * w, y - 0.04], [0.85 * w, y - 0.09]]
        )
        canvas.fill(ribbon(place(wing * [side, 1]), [0.015, 0.03, 0.008]), shade, 0.7, 0.01)
        hole = ellipse(side * 0.45 * w, y + 0.03, 0.26 * w, 0.022, 14)
        canvas.fill(place(hole), shade * 0.45, 0.85, 0.008)
        bridge = curve([[0.05, y - 0.34], [0.045, y - 0.2], [0.07, y - 0.08]]) * [side, 1]
        canvas.fill(
            ribbon(place(bridge), [0.01, 0.035, 0.01]),
            shade,
            0.30 if side != np.sign(light_side) else 0.10,
            0.02,
        )
    under = curve([[-0.5 * w, y + 0.045], [0, y + 0.065], [0.5 * w, y + 0.045]])
    canvas.fill(ribbon(place(under), [0.004, 0.025, 0.004]), shade, 0.5, 0.012)
    for row in range(3):
        level = y - 0.30 + 0.05 * row
        fold = curve([[-0.08, level + 0.02], [0, level - 0.012], [0.08, level + 0.02]])
        opacity = min(0.7 * face[AU.NOSE_WRINKLER], 0.7)
        canvas.fill(ribbon(place(fold), [0.0, 0.018, 0.0]), shade, opacity, 0.006)
