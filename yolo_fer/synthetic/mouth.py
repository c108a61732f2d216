"""The mouth, from pressed lips to a dropped jaw, and the folds next to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yolo_fer.synthetic.appearance import Person
from yolo_fer.synthetic.canvas import Canvas, Colour, Mask, Points, curve, ellipse, lowered, ribbon
from yolo_fer.synthetic.expressions import ActionUnit as AU
from yolo_fer.synthetic.expressions import Expression
from yolo_fer.synthetic.head_shape import EYE_Y, jaw_drop

_TEETH = np.array([205.0, 222.0, 230.0])
_THROAT = np.array([28.0, 22.0, 52.0])
_TONGUE = np.array([85.0, 75.0, 160.0])
_PARTED = 0.2  # strength of 'lips part' from which they do


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where the parts of the lips are, in head coordinates before the head turns.

    Args:
        half: half the width of the mouth.
        corner: the y of the corners.
        upper: y of the upper lip's lower edge, in the middle.
        lower: y of the lower lip's upper edge, in the middle.
        top: thickness of the upper lip.
        low: thickness of the lower lip.
        square: the share of `half` up to which the lips stay level.
        slant: the height of the right corner above the middle, per unit of x.
    """

    half: float
    corner: float
    upper: float
    lower: float
    top: float
    low: float
    square: float
    slant: float

    @property
    def is_open(self) -> bool:
        """Whether teeth or throat can be seen."""
        return self.lower - self.upper > 0.01

    def across(self, middle: float, bend: float, dip: float = 0.0) -> Points:
        """Return the knots (7, 2) of a line from corner to corner through a y in the middle."""
        part = middle + (self.corner - middle) * (1 - bend)
        right = [[0.18 * self.half, middle], [self.square * self.half, part]]
        right.append([self.half, self.corner])
        left = [[-x, y] for x, y in reversed(right)]
        knots = np.array([*left, [0.0, middle + dip], *right])
        knots[:, 1] -= self.slant * knots[:, 0]
        return knots


def _shape(person: Person, face: Expression) -> _Shape:
    smile, stretch = face[AU.LIP_CORNER_PULLER], face[AU.LIP_STRETCHER]
    tight, raised = min(face[AU.LIP_TIGHTENER], 1.0), face[AU.UPPER_LIP_RAISER]
    parted = face[AU.LIPS_PART]
    drop = max(jaw_drop(face), 0.0)
    thin = 1 - 0.55 * tight - 0.30 * smile * parted - 0.15 * stretch
    if parted < _PARTED:
        gap_up, gap_down = 0.035 * raised, -0.035 * raised
    else:
        gap_up = 0.045 * raised + 0.03 * smile * parted + 0.02 * parted
        gap_down = 0.05 * parted + 0.045 * smile * parted + 0.05 * face[AU.LOWER_LIP_DEPRESSOR]
        gap_down += 1.1 * drop * min(1.3 * parted, 1.0)
    y = EYE_Y + person.nose_length + 0.21
    middle = y + 0.02 * smile - 0.03 * face[AU.CHIN_RAISER]
    narrow = 0.10 * tight + 0.28 * face[AU.JAW_DROP] * (1 - smile)
    sink = 0.10 * face[AU.LIP_CORNER_DEPRESSOR] + 0.03 * stretch + 0.5 * drop
    return _Shape(
        half=person.mouth_width * (1 + 0.36 * smile + 0.30 * stretch - narrow),
        corner=y - 0.10 * smile - 0.01 * raised + sink,
        upper=middle - gap_up,
        lower=middle + gap_down,
        top=person.lip_fullness * 0.42 * max(thin, 0.3),
        low=person.lip_fullness * 0.60 * max(thin + 0.15 * face[AU.CHIN_RAISER], 0.3),
        square=0.55 + 0.12 * stretch + 0.15 * face[AU.LOWER_LIP_DEPRESSOR],
        slant=0.12 * face.lopsided * smile,
    )


def paint_mouth(canvas: Canvas, person: Person, face: Expression, head: Mask) -> None:
    """Paint the folds next to the mouth, the lips, and what an open mouth shows."""
    mouth = _shape(person, face)

    def place(knots: Points) -> Points:
        turned = canvas.pose.turn(curve(knots), radius=0.85)
        turned[:, 0] += 0.05 * np.sin(canvas.pose.yaw)
        return turned

    inner_top = place(mouth.across(mouth.upper, 0.62, 0.008))
    inner_low = place(mouth.across(mouth.lower, 0.62))
    outer_top = place(mouth.across(mouth.upper - mouth.top, 0.55, 0.016))
    outer_low = place(mouth.across(mouth.lower + mouth.low, 0.60))
    _paint_folds(canvas, person, face, mouth, head)
    lips = np.concatenate([outer_top, outer_low[::-1]])
    canvas.fill(lips, person.lips, 0.92, 0.008)
    shaded = np.concatenate([outer_top, inner_top[::-1]])  # the upper lip faces down
    canvas.fill(shaded, person.lips * 0.78, 0.55, 0.006)
    ridge = mouth.across(mouth.lower, 0.62)[1:-1]
    gloss = place(lowered(ridge * [0.55, 1.0], 0.45 * mouth.low))
    shine = np.minimum(person.lips * 1.3 + 18, 255)
    canvas.fill(ribbon(gloss, [0.0, 0.4 * mouth.low, 0.0]), shine, 0.45, 0.012)
    line = inner_top
    if mouth.is_open:
        _paint_inside(canvas, inner_top, inner_low, mouth.lower - mouth.upper)
    else:
        line = (inner_top + inner_low) / 2
    canvas.fill(ribbon(line, [0.01, 0.022, 0.018, 0.022, 0.01]), person.lips * 0.3, 0.85, 0.004)
    below = place(lowered(ridge * [0.7, 1.0], mouth.low + 0.05))
    hollow = person.skin * [0.5, 0.55, 0.68]
    canvas.fill(ribbon(below, [0.0, 0.05, 0.0]), hollow, 0.4, 0.02, clip=head)


def _paint_inside(canvas: Canvas, inner_top: Points, inner_low: Points, gap: float) -> None:
    """Paint throat, tongue and the upper teeth between the lips."""
    shape = np.concatenate([inner_top, inner_low[::-1]])
    canvas.fill(shape, _THROAT)
    inside = canvas.mask(shape)
    middle = inner_low[len(inner_low) // 2]
    if gap > 0.12:
        canvas.fill(
            ellipse(middle[0], middle[1] + 0.01, 0.14, 0.07), _TONGUE, 0.8, 0.02, clip=inside
        )
    length = min(0.085, 0.75 * gap)
    bite = lowered(inner_top, length)
    bite[:, 1] -= 0.4 * length * np.linspace(-1, 1, len(bite)) ** 2
    teeth = np.concatenate([lowered(inner_top, -0.02), bite[::-1]])
    canvas.fill(teeth, _TEETH, 0.95, 0.004, clip=inside)
    if not canvas.fine:
        return
    edge: Colour = _TEETH * 0.55
    ends = len(inner_top) - 1
    for share in (0.24, 0.32, 0.41, 0.5, 0.59, 0.68, 0.76):
        x, y = inner_top[round(share * ends)]
        seam = np.array([[x, y], [x, y + length]])
        canvas.fill(ribbon(seam, [0.004, 0.007]), edge, 0.45, clip=inside)
    for share in (0.06, 0.94):  # the corners of an open mouth are dark
        x, y = inner_top[round(share * ends)]
        canvas.fill(ellipse(x, y, 0.05, 0.06), _THROAT, 0.7, 0.02, clip=inside)


def _paint_folds(
    canvas: Canvas, person: Person, face: Expression, mouth: _Shape, head: Mask
) -> None:
    """Paint the lines from the nose to next to the mouth, and those that hang from its corners."""
    smile, wrinkle = face[AU.LIP_CORNER_PULLER], face[AU.NOSE_WRINKLER]
    strength = (
        0.10 + 0.3 * person.age + 0.45 * smile + 0.5 * wrinkle + 0.25 * face[AU.LIP_STRETCHER]
    )
    half, corner = mouth.half, mouth.corner
    nose = EYE_Y + person.nose_length
    shade = person.skin * [0.46, 0.52, 0.66]
    for side in (-1.0, 1.0):
        fold = curve(
            [
                [person.nose_width + 0.03, nose - 0.05 - 0.04 * wrinkle],
                [person.nose_width + 0.13 + 0.05 * smile, nose + 0.06],
                [half + 0.075, corner - 0.03],
                [half + 0.06, corner + 0.05],
            ]
        )
        line = canvas.pose.turn(fold * [side, 1])
        canvas.fill(ribbon(line, [0.01, 0.05, 0.035, 0.0]), shade, min(strength, 0.75), 0.014, head)
        dent = canvas.pose.turn(ellipse(side * (half + 0.015), corner, 0.03, 0.03, 12))
        canvas.fill(dent, shade, 0.35 + 0.2 * smile, 0.015, clip=head)
        hang = curve(
            [[half + 0.01, corner], [half + 0.05, corner + 0.07], [half + 0.05, corner + 0.13]]
        )
        canvas.fill(
            ribbon(canvas.pose.turn(hang * [side, 1]), [0.02, 0.03, 0.0]),
            shade,
            min(0.65 * face[AU.LIP_CORNER_DEPRESSOR] + 0.1 * person.age, 0.7),
            0.012,
            clip=head,
        )
