"""Where the faces of a composed scene go: geometry only, no pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yolo_fer.boxes import intersection
from yolo_fer.convert.crops import Crop
from yolo_fer.dataset.samples import Box, box_array

MIN_FACE = 24.0
"""The least side of a face's box, in pixels."""
_LARGEST_FACE = 0.75  # of the shorter side of the scene
_ENLARGED = 4.0  # a face is not drawn larger than this many times its own pixels
_MOST_ROTATED = 12.0  # degrees
_NARROWEST = 0.62  # shorter side of a scene, in long sides
SURROUNDINGS = 0.3
"""How far around a crop its outermost pixels go on and fade, in shorter sides of the crop."""
_ATTEMPTS = 40  # places to try before all faces of a scene are made smaller
_SMALLER = 0.9  # that much at a time
_DECOYS = 3  # at most: patches of the same outline that show no face


@dataclass(frozen=True, slots=True)
class Place:
    """How a crop is pasted.

    Args:
        member: the number of the crop among those of the scene, from 0.
        box: the box of the face in ExpW's convention, in pixels of the scene, wholly inside it.
        angle: clockwise, in degrees, around the centre of the box.
        mirrored: whether left and right are exchanged.
        decoy: whether the crop is shuffled to a texture that shows no face.
    """

    member: int
    box: Box
    angle: float
    mirrored: bool
    decoy: bool = False


@dataclass(frozen=True, slots=True)
class SceneLayout:
    """A scene without its pixels.

    Args:
        width: the width of the scene in pixels.
        height: the height, in the unit of the width.
        places: the places of the faces, in the order of the members; then those of the decoys.
    """

    width: int
    height: int
    places: tuple[Place, ...]

    @property
    def faces(self) -> tuple[Place, ...]:
        """The places that show a face."""
        return tuple(place for place in self.places if not place.decoy)


def lay_out(crops: Sequence[Crop], rng: np.random.Generator, long_side: int) -> SceneLayout | None:
    """Find a place for each crop, of many sizes, so that none covers another.

    Args:
        crops: the members of a scene.
        rng: the source of all random choices.
        long_side: the long side of the scene in pixels.

    Returns:
        None if so many faces have no room, however small; a single one always has.
    """
    short_side = round(long_side * rng.uniform(_NARROWEST, 1.0))
    width, height = (long_side, short_side) if rng.random() < 0.75 else (short_side, long_side)
    decoys = rng.integers(len(crops), size=int(rng.integers(_DECOYS + 1))).tolist()
    for members in ([*range(len(crops)), *decoys], [*range(len(crops))]):
        sizes = _draw_sizes([crops[i] for i in members], short_side, rng)
        while True:
            places = _arrange(crops, members, sizes, rng, width, height)
            if places is not None:
                return SceneLayout(width, height, tuple(places))
            if sizes.max() <= MIN_FACE:
                break
            sizes = np.maximum(sizes * _SMALLER, MIN_FACE)
    return None


def _draw_sizes(
    crops: Sequence[Crop], short_side: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    largest = _LARGEST_FACE * short_side / math.sqrt(max(len(crops) - 1, 1))
    bounds = math.log(MIN_FACE), math.log(max(largest, MIN_FACE + 1))
    sizes = np.exp(rng.uniform(*bounds, len(crops)))
    sharp = [_ENLARGED * (crop.box.x2 - crop.box.x1) for crop in crops]
    return np.maximum(np.minimum(sizes, sharp), MIN_FACE)


def _arrange(
    crops: Sequence[Crop],
    members: Sequence[int],
    sizes: NDArray[np.float64],
    rng: np.random.Generator,
    width: int,
    height: int,
) -> list[Place] | None:
    """Try places at random, the largest face first; None if one of them finds no room."""
    places: dict[int, Place] = {}
    taken: list[Box] = []
    for index in np.argsort(-sizes, kind="stable").tolist():
        crop = crops[members[index]]
        decoy = index >= len(crops)
        for _ in range(_ATTEMPTS):
            place = _somewhere(rng, width, height, float(sizes[index]), members[index], decoy)
            # Half each way keeps the surroundings of the smaller crop, which is painted later, off
            # the larger one.
            patch = extent(crop, place, SURROUNDINGS / 2)
            if not taken or not intersection(box_array([patch]), box_array(taken)).any():
                places[index] = place
                taken.append(patch)
                break
        else:
            return None
    return [places[index] for index in range(len(members))]


def _somewhere(
    rng: np.random.Generator, width: int, height: int, side: float, member: int, decoy: bool
) -> Place:
    x, y = rng.uniform(0, width - side), rng.uniform(0, height - side)
    angle = float(np.clip(rng.normal(0, _MOST_ROTATED / 2), -_MOST_ROTATED, _MOST_ROTATED))
    return Place(member, Box(x, y, x + side, y + side), angle, bool(rng.random() < 0.5), decoy)


def extent(crop: Crop, place: Place, surroundings: float) -> Box:
    """Return the box around a pasted crop with surroundings, in pixels of the scene.

    It may pass the scene's edge. The surroundings are measured in shorter sides of the crop.
    """
    matrix, d = to_scene(crop, place), surroundings * min(crop.width, crop.height)
    right, bottom = crop.width + d, crop.height + d
    corners = np.array([(-d, -d), (right, -d), (right, bottom), (-d, bottom)])
    x, y = matrix[:, :2] @ corners.T + matrix[:, 2:]
    return Box(float(x.min()), float(y.min()), float(x.max()), float(y.max()))


def to_scene(crop: Crop, place: Place) -> NDArray[np.float64]:
    """Return the (2, 3) matrix from pixels of a crop to pixels of the scene."""
    own, box = crop.box, place.box
    scale = (box.x2 - box.x1) / (own.x2 - own.x1)
    c, s = math.cos(math.radians(place.angle)), math.sin(math.radians(place.angle))
    turn = scale * np.array([[c, -s], [s, c]])
    if place.mirrored:
        turn = turn @ np.diag([-1.0, 1.0])
    centre = np.array([(own.x1 + own.x2) / 2, (own.y1 + own.y2) / 2])
    target = np.array([(box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2])
    return np.column_stack([turn, target - turn @ centre])
