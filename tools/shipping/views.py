"""Training images that are composed on the fly: photographs at any scale, and tiles of faces.

A tile holds one face large enough to read, so that an image of 3x3 tiles teaches nine expressions
for the price of one photograph; a detector then learns to name expressions about as fast as a
classifier of crops does. Photographs teach where faces are, and what is none.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.shipping.corrupting import coarsen, cover, relight
from tools.shipping.pictures import Picture
from tools.shipping.placing import Place, move_boxes, placement, visible, warp
from yolo_fer.detector.preprocess import PADDING
from yolo_fer.emotions import Emotion

_GRIDS, _GRID_SHARES = (1, 2, 3, 4, 5), (0.06, 0.20, 0.42, 0.22, 0.10)
_LEAST_TILE_FACE = 20  # pixels of the source; smaller faces cannot be read when enlarged
_RARITY = 0.6  # classes are drawn as often as their size to the power of 1 - this


@dataclass(frozen=True, slots=True)
class Mixture:
    """How training images are composed.

    Args:
        size: of their side, in pixels.
        photographs: share of images that are one photograph; the others are tiles.
        whole: share of the photographs that are shown whole, as a detector sees them; the others
            are enlarged or shrunk around a face.
        crops: share of the tiles that show a crop rather than a face of a photograph.
    """

    size: int = 320
    photographs: float = 0.35
    whole: float = 0.35
    crops: float = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A training image.

    Args:
        pixels: (S, S) grey.
        boxes: (N, 4) of the faces to be found, in pixels.
        targets: (N, 7) how probable each emotion is, NaN where nobody knows.
        exact: (N,) whether the box may teach boxes.
        ignored: (M, 4) where a face shows too little to be one or none.
    """

    pixels: NDArray[np.uint8]
    boxes: NDArray[np.float64]
    targets: NDArray[np.float32]
    exact: NDArray[np.bool_]
    ignored: NDArray[np.float64]


class ViewMaker:
    """Composes training images, the same ones for the same seed.

    Args:
        photographs: with all faces boxed.
        crops: that one face fills.
        mixture: how often what is shown.
        seed: of all that is random.
    """

    def __init__(
        self,
        photographs: Sequence[Picture],
        crops: Sequence[Picture],
        mixture: Mixture,
        seed: int,
    ) -> None:
        self._photographs, self._crops, self._mixture = photographs, crops, mixture
        self._rng = random.Random(seed)  # nothing secret
        self._noise = np.random.default_rng(seed)
        self._faces = [
            (picture, number)
            for picture in photographs
            for number in np.flatnonzero(_readable(picture))
        ]
        self._crop_odds = _cumulated_rarity(crops)

    @property
    def state(self) -> dict[str, Any]:
        """Where its random numbers are: set to an earlier value it composes the same again."""
        return {"rng": self._rng.getstate(), "noise": self._noise.bit_generator.state}

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        version, numbers, rest = state["rng"]
        self._rng.setstate((version, tuple(numbers), rest))
        self._noise.bit_generator.state = state["noise"]

    def view(self) -> View:
        """Compose the next image."""
        if self._rng.random() < self._mixture.photographs:
            return self._photograph()
        return self._tiles()

    def _photograph(self) -> View:
        rng, size = self._rng, self._mixture.size
        picture = rng.choice(self._photographs)
        if rng.random() < self._mixture.whole or not len(picture.boxes):
            # As a detector sees it: the whole picture, letterboxed.
            height, width = picture.pixels.shape
            half = max(height, width) / 2
            box = np.array(
                [width / 2 - half, height / 2 - half, width / 2 + half, height / 2 + half]
            )
            x, y = (size * (0.5 + rng.uniform(-0.06, 0.06)) for _ in range(2))
            side = size * rng.uniform(0.75, 1.05)
        else:
            box = picture.boxes[rng.randrange(len(picture.boxes))]
            own = float(box[2] - box[0])
            least, most = max(24.0, 0.5 * own), min(300.0, 2.6 * own)
            side = math.exp(rng.uniform(math.log(least), math.log(max(most, least + 1))))
            x, y = (side / 2 + rng.random() * (size - side) for _ in range(2))
        matrix = placement(box, self._jittered(x, y, side))
        pixels = warp(picture.pixels, matrix, size)
        if rng.random() < 0.5:
            pixels = coarsen(pixels, 150, rng)
        canvas = _Canvas(size)
        canvas.put(relight(pixels, rng, self._noise), 0, 0, picture, matrix)
        return canvas.view()

    def _tiles(self) -> View:
        count = self._rng.choices(_GRIDS, _GRID_SHARES)[0]
        side = self._mixture.size // count
        canvas = _Canvas(self._mixture.size)
        for row in range(count):
            for column in range(count):
                picture, pixels, matrix = self._tile(side)
                canvas.put(pixels, column * side, row * side, picture, matrix)
        return canvas.view()

    def _tile(self, size: int) -> tuple[Picture, NDArray[np.uint8], NDArray[np.float64]]:
        rng = self._rng
        side = size * rng.uniform(0.5, 0.97)
        room = (size - side) / 2 + 0.04 * side
        x, y = (size / 2 + rng.uniform(-1, 1) * room for _ in range(2))
        place = self._jittered(x, y, side)
        if rng.random() < self._mixture.crops:
            picture = self._crops[int(np.searchsorted(self._crop_odds, rng.random()))]
            matrix = placement(picture.boxes[0], place)
            pixels = self._with_surroundings(picture, matrix, size)
        else:
            picture, number = rng.choice(self._faces)
            matrix = placement(picture.boxes[number], place)
            border = rng.choice([cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE])
            pixels = coarsen(warp(picture.pixels, matrix, size, border), side, rng)
        cover(pixels, x - side / 2, y - side / 2, side, rng)
        return picture, relight(pixels, rng, self._noise), matrix

    def _with_surroundings(
        self, picture: Picture, matrix: NDArray[np.float64], size: int
    ) -> NDArray[np.uint8]:
        """Place a crop, and invent what its edges cut off."""
        rng = self._rng
        dice = rng.random()
        if dice < 0.15:
            return warp(picture.pixels, matrix, size, cv2.BORDER_REFLECT_101)
        pixels = warp(picture.pixels, matrix, size, cv2.BORDER_REPLICATE)
        if dice < 0.35:
            return pixels
        inside = warp(np.full_like(picture.pixels, 255), matrix, size, fill=0) > 128
        if rng.random() < 0.5:
            return np.where(inside, pixels, np.uint8(rng.randrange(256)))
        return np.where(inside, pixels, self._texture(size))

    def _texture(self, size: int) -> NDArray[np.uint8]:
        """Return (size, size) of some photograph, enlarged and blurred beyond recognition."""
        pixels = self._rng.choice(self._photographs).pixels
        height, width = pixels.shape
        side = self._rng.randrange(8, max(9, min(height, width) // 3))
        y, x = self._rng.randrange(height - side), self._rng.randrange(width - side)
        enlarged = cv2.resize(pixels[y : y + side, x : x + side], (size, size))
        return np.asarray(cv2.GaussianBlur(enlarged, (0, 0), max(size / 12, 1)), np.uint8)

    def _jittered(self, x: float, y: float, side: float) -> Place:
        rng = self._rng
        turn, stretch = math.radians(rng.gauss(0, 7)), math.exp(rng.uniform(-0.08, 0.08))
        return Place(x, y, side, turn, stretch, mirrored=rng.random() < 0.5)


class _Canvas:
    """A training image while it is composed."""

    def __init__(self, size: int) -> None:
        self._pixels = np.full((size, size), PADDING, np.uint8)
        self._boxes: list[NDArray[np.float64]] = []
        self._targets: list[NDArray[np.float32]] = []
        self._exact: list[bool] = []
        self._ignored: list[NDArray[np.float64]] = []

    def put(
        self,
        pixels: NDArray[np.uint8],
        left: int,
        top: int,
        picture: Picture,
        matrix: NDArray[np.float64],
    ) -> None:
        size = len(pixels)
        self._pixels[top : top + size, left : left + size] = pixels
        cut, found, ignored = visible(move_boxes(picture.boxes, matrix), size)
        cut += [left, top, left, top]
        if not picture.exact:
            found |= ignored  # a tile's one face is to be named wherever it was put
        self._boxes.extend(cut[found])
        self._targets.extend(picture.targets[found])
        self._exact.extend([picture.exact] * int(found.sum()))
        self._ignored.extend(cut[ignored & ~found])

    def view(self) -> View:
        return View(
            self._pixels,
            np.array(self._boxes).reshape(-1, 4),
            np.array(self._targets, np.float32).reshape(-1, len(Emotion)),
            np.array(self._exact, bool),
            np.array(self._ignored).reshape(-1, 4),
        )


def _readable(picture: Picture) -> NDArray[np.bool_]:
    """Return (N,) which faces a tile can show: those that are known and large enough."""
    widths = picture.boxes[:, 2] - picture.boxes[:, 0]
    return np.asarray(np.isfinite(picture.targets[:, 0]) & (widths >= _LEAST_TILE_FACE))


def _cumulated_rarity(crops: Sequence[Picture]) -> NDArray[np.float64]:
    """Return (N,) the cumulated odds of crops, so that rare emotions come more often."""
    if not crops:
        return np.zeros(0)
    classes = np.array([int(crop.targets[0].argmax()) for crop in crops])
    counts = np.bincount(classes, minlength=len(Emotion)).astype(float)
    odds = np.cumsum(counts[classes] ** -_RARITY)
    return np.asarray(odds / odds[-1])
