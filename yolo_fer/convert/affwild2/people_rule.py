"""The rule by which Aff-Wild2's label files name people, applied to one frame by itself.

A bare file's person has the largest face; `_left` and `_right` are the two largest by their
centres; next to a bare file, a sided one is the other of the two largest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from yolo_fer.convert.affwild2.source import Side

# A face is clearly larger than another from this ratio of their areas on.
_CLEARLY_LARGER = 1.25
# A face is clearly to the left of another from this share of their mean width on.
_CLEARLY_BESIDE = 0.25


def roles_of(sides: set[Side]) -> tuple[Side, ...]:
    """Return the people that are followed: one, or both if their sides are known."""
    if sides == {Side.BARE}:
        return (Side.BARE,)
    if Side.BARE in sides and len(sides) == 2:
        return (Side.BARE, (sides - {Side.BARE}).pop())
    return (Side.LEFT, Side.RIGHT)


@dataclass(frozen=True, slots=True)
class FaceAt:
    """A face as plain numbers: index in its frame, centre, size (root of the area), width."""

    index: int
    x: float
    y: float
    size: float
    width: float


def faces_of(boxes: NDArray[Any]) -> list[FaceAt]:
    """Return the faces of (N, 4) corner boxes."""
    return [
        FaceAt(
            i,
            (x1 + x2) / 2,
            (y1 + y2) / 2,
            math.sqrt(max(x2 - x1, 1) * max(y2 - y1, 1)),
            max(x2 - x1, 1),
        )
        for i, (x1, y1, x2, y2) in enumerate(boxes.tolist())
    ]


def clearly_larger(a: FaceAt, b: FaceAt) -> bool:
    """Return whether a face is so much larger that no wobble of the boxes explains it."""
    return a.size**2 >= _CLEARLY_LARGER * b.size**2


def stand_side_by_side(a: FaceAt, b: FaceAt) -> bool:
    """Return whether it is clear which of two faces is further left."""
    return abs(a.x - b.x) >= _CLEARLY_BESIDE * (a.width + b.width) / 2


def apart(a: FaceAt, b: FaceAt) -> float:
    """Return the distance of two centres, in the geometric mean of the faces' sizes."""
    return math.hypot(a.x - b.x, a.y - b.y) / math.sqrt(a.size * b.size)


def by_rule(faces: Sequence[FaceAt], roles: tuple[Side, ...]) -> dict[Side, int]:
    """Return the index of the face that the rule clearly names for each role; others are left out.

    Args:
        faces: the faces of one frame.
        roles: the people that the rule can name, as `roles_of` returns them.
    """
    largest = sorted(faces, key=lambda face: (-face.size, face.index))
    if len(largest) < len(roles):
        return {}
    if len(roles) == 1:
        clear = len(largest) == 1 or clearly_larger(largest[0], largest[1])
        return {roles[0]: largest[0].index} if clear else {}
    if len(largest) > 2 and not clearly_larger(largest[1], largest[2]):
        if Side.BARE in roles and clearly_larger(largest[0], largest[1]):
            return {Side.BARE: largest[0].index}
        return {}
    pair = largest[:2]
    left, right = sorted(pair, key=lambda face: face.x)
    side_by_side = stand_side_by_side(left, right)
    if Side.BARE in roles:
        other = roles[1]
        if clearly_larger(pair[0], pair[1]):
            return {Side.BARE: pair[0].index, other: pair[1].index}
        if not side_by_side:
            return {}
        # of two faces alike in size, the side decides which one is the other
        left_role, right_role = (other, Side.BARE) if other is Side.LEFT else (Side.BARE, other)
        return {left_role: left.index, right_role: right.index}
    return {Side.LEFT: left.index, Side.RIGHT: right.index} if side_by_side else {}
