"""Training images that are composed on the fly: photographs at any scale, and tiles of faces.

A tile holds one face, so that an image of 3x3 tiles teaches nine expressions for the price of one
photograph; a detector then learns to name expressions about as fast as a classifier of crops does.
Photographs teach where faces are, and what is none. Faces are from 12 pixels to larger than the
image, each size about as often as its double.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from tools.shipping.canvas import Canvas
from tools.shipping.corrupting import cover, refocus, relight, shade
from tools.shipping.pictures import Picture
from tools.shipping.placing import Place, placement, warp, whole_square
from tools.shipping.sampling import LAST_SHARES, SHARES, SOURCES, FaceSampler
from tools.shipping.truth import Truth, View
from yolo_fer.boxes import iou
from yolo_fer.detector.preprocess import PADDING

_GRIDS = {1: 0.38, 2: 0.27, 3: 0.18, 4: 0.08, 5: 0.05, 6: 0.025, 8: 0.015}
_TRIES, _TEXTURE = 8, 36  # to find a part of a photograph without anybody; pixels of a texture
_FILMS = 0.12  # share of the photographs that are frames of films
_SIZES = (192, 256, 320, 384, 384, 448)  # multiples of the largest stride


@dataclass(frozen=True, slots=True)
class Mixture:
    """How training images are composed.

    Args:
        photographs: share of images that are one photograph; the others are tiles.
        empty: share of the photographs of which only a part without any face is shown.
        mosaics: share of the photographs that are four, each in a quarter of the image.
        whole: share of the other photographs that are shown whole, as a detector sees them; the
            rest are enlarged or shrunk around a face.
        pixels: of all images of a batch together; larger images are fewer.
        shares: how often a face of each source is drawn for a tile.
        sizes: of the images, in pixels, each as often as the others.
        grids: for each number of rows, which is that of columns, its share of the images of tiles.
        least: pixels of the side of the smallest face that is to be found.
    """

    photographs: float = 0.32
    empty: float = 0.0
    mosaics: float = 0.0
    whole: float = 0.4
    pixels: int = 16 * 320 * 320
    shares: Mapping[str, float] = field(default_factory=lambda: SHARES)
    sizes: tuple[int, ...] = _SIZES
    grids: Mapping[int, float] = field(default_factory=lambda: _GRIDS)
    least: float = 7


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a training with a mixture of its own.

    Args:
        until: the share of all steps at which it ends.
        mixture: of its images.
    """

    until: float
    mixture: Mixture


STAGES = (
    Stage(0.24, Mixture(sizes=(192, 256, 320))),
    Stage(0.72, Mixture()),
    Stage(1.0, Mixture(photographs=0.45, shares=LAST_SHARES)),
)
"""Small images first, since they are cheap; photographs, ExpW and RAF-DB in the end."""
_SMALLER_FACES = {1: 0.11, 2: 0.29, 3: 0.31, 4: 0.16, 5: 0.07, 6: 0.04, 8: 0.02}
_MOSTLY_PHOTOGRAPHS = Mixture(
    photographs=0.55, empty=0.06, mosaics=0.14, whole=0.6, grids=_SMALLER_FACES
)
STAGES_ON = (
    Stage(0.55, _MOSTLY_PHOTOGRAPHS),
    Stage(1.0, replace(_MOSTLY_PHOTOGRAPHS, shares=LAST_SHARES)),
)
"""For a detector that is trained on: it lacks small faces and backgrounds, and will see large faces
on a smaller copy, too."""


class ViewBatches(torch.utils.data.Dataset):  # type: ignore[misc]  # torch is not looked into
    """The batches of a training; the same number always gives the same batch.

    Args:
        pictures: of each source; those of ExpW and SFEW are photographs with all faces boxed.
        stages: of the training, in order.
        steps: of the whole training.
        seed: of all that is random.

    Raises:
        ValueError: if there is no photograph, or no labelled face.
    """

    def __init__(
        self,
        pictures: Mapping[str, Sequence[Picture]],
        stages: Sequence[Stage],
        steps: int,
        seed: int,
    ) -> None:
        self._stages, self._steps, self._seed = stages, steps, seed
        self._makers = [ViewMaker(pictures, stage.mixture) for stage in stages]

    def __getitem__(self, step: int) -> tuple[torch.Tensor, Truth]:
        """Return (B, 1, S, S) uint8 grey images and what is known of their faces."""
        rng = random.Random(f"{self._seed}/{step}")  # nothing secret
        noise = np.random.default_rng((self._seed, step))
        number = sum(step >= stage.until * self._steps for stage in self._stages[:-1])
        mixture = self._stages[number].mixture
        size = rng.choice(mixture.sizes)
        count = max(4, round(mixture.pixels / size**2))
        views = [self._makers[number].view(size, rng, noise) for _ in range(count)]
        return torch.from_numpy(np.stack([v.pixels for v in views]))[:, None], Truth.of(views)


class ViewMaker:
    """Composes training images.

    Args:
        pictures: of each source; those of ExpW and SFEW are photographs with all faces boxed.
        mixture: how often what is shown.

    Raises:
        ValueError: if there is no photograph, or no labelled face.
    """

    def __init__(self, pictures: Mapping[str, Sequence[Picture]], mixture: Mixture) -> None:
        self._sampler, self._mixture = FaceSampler(pictures, mixture.shares), mixture
        self._photographs = [(SOURCES.index("expw"), picture) for picture in pictures["expw"]]
        self._films = [(SOURCES.index("sfew"), picture) for picture in pictures.get("sfew", ())]
        if not self._photographs:
            raise ValueError("there is no photograph of ExpW to learn from")

    def view(self, size: int, rng: random.Random, noise: np.random.Generator) -> View:
        """Compose an image of (size, size)."""
        if rng.random() >= self._mixture.photographs:
            return self._tiles(size, rng, noise)
        canvas, dice = Canvas(size, self._mixture.least), rng.random()
        if dice < self._mixture.mosaics:
            half = size // 2
            for left, top in ((0, 0), (half, 0), (0, half), (half, half)):
                self._put_photograph(canvas, left, top, half, rng, noise)
        elif dice < self._mixture.mosaics + self._mixture.empty:
            self._put_background(canvas, size, rng, noise)
        else:
            self._put_photograph(canvas, 0, 0, size, rng, noise)
        return canvas.view()

    def _put_background(
        self, canvas: Canvas, size: int, rng: random.Random, noise: np.random.Generator
    ) -> None:
        """Show a part of a photograph in which nobody is, if one is found."""
        for _ in range(_TRIES):
            source, picture = rng.choice(self._photographs)
            height, width = picture.pixels.shape
            side = math.exp(rng.uniform(math.log(24), math.log(min(height, width))))
            x, y = rng.uniform(0, width - side), rng.uniform(0, height - side)
            box = np.array([x, y, x + side, y + side], np.float32)
            taken = np.concatenate([picture.boxes, picture.unsure])
            if len(taken) and iou(box[None].astype(np.float64), taken.astype(np.float64)).any():
                continue
            matrix = placement(box, _jittered(size / 2, size / 2, 1.02 * size, rng, turned=False))
            pixels = warp(picture.pixels, matrix, size, cv2.BORDER_REFLECT_101)
            canvas.put(_corrupted(pixels, rng, noise), 0, 0, source, picture, matrix)
            return
        self._put_photograph(canvas, 0, 0, size, rng, noise)

    def _put_photograph(
        self,
        canvas: Canvas,
        left: int,
        top: int,
        size: int,
        rng: random.Random,
        noise: np.random.Generator,
    ) -> None:
        films = self._films and rng.random() < _FILMS
        source, picture = rng.choice(self._films if films else self._photographs)
        part = size < canvas.size
        if part or rng.random() < self._mixture.whole or not len(picture.boxes):
            box = whole_square(picture)
            x, y = (size * (0.5 + rng.uniform(-0.06, 0.06)) for _ in range(2))
            side = size * rng.uniform(0.7, 1.05)
        else:
            box = picture.boxes[rng.randrange(len(picture.boxes))]
            own = float(box[2] - box[0])
            least, most = max(12.0, 0.22 * own), min(1.25 * size, 3.5 * own)
            side = math.exp(rng.uniform(math.log(least), math.log(max(most, least + 1))))
            x, y = (_middle(side, size, rng) for _ in range(2))
            if rng.random() < 0.1:  # cut by the left or the right edge
                x = rng.uniform(-0.1, 0.2) * side + rng.choice([0.0, size - 0.1 * side])
        matrix = placement(box, _jittered(x, y, side, rng))
        pixels = warp(picture.pixels, matrix, size)
        canvas.put(_corrupted(pixels, rng, noise), left, top, source, picture, matrix)

    def _tiles(self, size: int, rng: random.Random, noise: np.random.Generator) -> View:
        grids = self._mixture.grids
        count = rng.choices(list(grids), list(grids.values()))[0]
        side = size // count
        canvas = Canvas(size, self._mixture.least)
        for row in range(count):
            for column in range(count):
                source, picture, pixels, matrix = self._tile(side, count == 1, rng)
                pixels = relight(pixels, rng, noise)
                canvas.put(pixels, column * side, row * side, source, picture, matrix)
        return canvas.view()

    def _tile(
        self, size: int, alone: bool, rng: random.Random
    ) -> tuple[int, Picture, NDArray[np.uint8], NDArray[np.float64]]:
        source, picture, row = self._sampler.draw(rng)
        if alone:
            side = size * math.exp(rng.uniform(math.log(0.45), math.log(1.25)))
        else:
            side = size * rng.uniform(0.5, 1.08)
        room = abs(size - side) / 2 + 0.05 * side
        x, y = (size / 2 + rng.uniform(-1, 1) * room for _ in range(2))
        matrix = placement(picture.boxes[row], _jittered(x, y, side, rng))
        if picture.exact:
            border = rng.choice([cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE])
            pixels = warp(picture.pixels, matrix, size, border)
        else:
            pixels = self._with_surroundings(picture, matrix, size, rng)
        pixels = shade(refocus(pixels, side, rng), rng)
        cover(pixels, x - side / 2, y - side / 2, side, rng)
        return source, picture, pixels, matrix

    def _with_surroundings(
        self, picture: Picture, matrix: NDArray[np.float64], size: int, rng: random.Random
    ) -> NDArray[np.uint8]:
        """Place a crop, and invent what its edges cut off."""
        dice = rng.random()
        if dice < 0.12:
            return warp(picture.pixels, matrix, size, cv2.BORDER_REFLECT_101)
        pixels = warp(picture.pixels, matrix, size, cv2.BORDER_REPLICATE)
        if dice < 0.3:
            return pixels
        inside = warp(np.full_like(picture.pixels, 255), matrix, size, fill=0) > 128
        if dice < 0.65:
            fill = rng.choice([0, PADDING, PADDING, PADDING, 255, rng.randrange(256)])
            return np.where(inside, pixels, np.uint8(fill))
        return np.where(inside, pixels, self._texture(size, rng))

    def _texture(self, size: int, rng: random.Random) -> NDArray[np.uint8]:
        """Return (size, size) of some photograph, enlarged and blurred beyond recognition."""
        pixels = rng.choice(self._photographs)[1].pixels
        height, width = pixels.shape
        side = rng.randrange(8, max(9, min(height, width) // 3))
        y, x = rng.randrange(height - side), rng.randrange(width - side)
        # blurred while it is small: the same for far less time
        small = cv2.resize(pixels[y : y + side, x : x + side], (_TEXTURE, _TEXTURE))
        small = cv2.GaussianBlur(small, (0, 0), _TEXTURE / 12)
        return np.asarray(cv2.resize(small, (size, size)), np.uint8)


def _corrupted(
    pixels: NDArray[np.uint8], rng: random.Random, noise: np.random.Generator
) -> NDArray[np.uint8]:
    """Return a part of a photograph as another camera might have taken it in another light."""
    if rng.random() < 0.5:
        pixels = refocus(pixels, 150, rng)
    return relight(shade(pixels, rng), rng, noise)


def _middle(side: float, size: int, rng: random.Random) -> float:
    """Return where the middle of a face may be so that it is seen."""
    if side < size:
        return side / 2 + rng.random() * (size - side)
    return size * rng.uniform(0.35, 0.65)


def _jittered(x: float, y: float, side: float, rng: random.Random, turned: bool = True) -> Place:
    turn = math.radians(rng.gauss(0, 7)) if turned else 0.0
    stretch = math.exp(rng.uniform(-0.08, 0.08))
    return Place(x, y, side, turn, stretch, mirrored=rng.random() < 0.5)
