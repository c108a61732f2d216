"""Crops of single faces on the fly, for the classifier that the detector's backbone is at first."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tools.shipping.corrupting import cover, refocus, relight, shade
from tools.shipping.pictures import Picture
from tools.shipping.placing import Place, placement, warp
from tools.shipping.sampling import FaceSampler
from yolo_fer.detector.preprocess import PADDING

CROP_SIZE = 112
"""Pixels of a crop's side; features of face recognition are made for 112 and more."""


@dataclass(frozen=True, slots=True)
class _Framing:
    """How exactly crops are cut.

    Args:
        least: side of a face, in sides of the crop.
        most: likewise.
        shift: of a face from the crop's middle, at most, in sides of the crop.
    """

    least: float
    most: float
    shift: float


# A finder is rarely far off; trainings in which all crops were cut loosely learned more slowly.
_LOOSE, _CLOSE = _Framing(0.5, 1.25, 0.12), _Framing(0.68, 1.08, 0.05)
_LOOSE_SHARE = 0.25
_REFOCUSED = 0.6  # of the crops


@dataclass(frozen=True, slots=True)
class CropBatch:
    """Crops, all of the same size.

    Args:
        pixels: (B, 1, S, S) uint8, grey.
        targets: (B, 7) how probable each emotion is.
        sources: (B,) the number of each face's dataset.
    """

    pixels: Tensor
    targets: Tensor
    sources: Tensor


class CropBatches(torch.utils.data.Dataset):  # type: ignore[misc]  # torch is not looked into
    """The batches of a training; the same number always gives the same batch.

    Args:
        pictures: of each source.
        seed: of all that is random.
        count: of the crops of a batch.
    """

    def __init__(
        self, pictures: Mapping[str, Sequence[Picture]], seed: int, count: int = 64
    ) -> None:
        self._sampler, self._seed, self._count = FaceSampler(pictures), seed, count

    def __getitem__(self, step: int) -> CropBatch:
        """Return the batch of a step."""
        rng = random.Random(f"{self._seed}/{step}")  # nothing secret
        noise = np.random.default_rng((self._seed, step))
        drawn = [self._sampler.draw(rng) for _ in range(self._count)]
        crops = [random_crop(picture, row, CROP_SIZE, rng, noise) for _, picture, row in drawn]
        return CropBatch(
            torch.from_numpy(np.stack(crops))[:, None],
            torch.from_numpy(np.stack([picture.targets[row] for _, picture, row in drawn])),
            torch.tensor([source for source, _, _ in drawn]),
        )


def random_crop(
    picture: Picture, row: int, size: int, rng: random.Random, noise: np.random.Generator
) -> NDArray[np.uint8]:
    """Return (size, size) one face, placed and corrupted at random."""
    cut = _LOOSE if rng.random() < _LOOSE_SHARE else _CLOSE
    side = size * math.exp(rng.uniform(math.log(cut.least), math.log(cut.most)))
    x, y = (size * (0.5 + rng.uniform(-cut.shift, cut.shift)) for _ in range(2))
    place = Place(
        x,
        y,
        side,
        turn=math.radians(rng.gauss(0, 9)),
        stretch=math.exp(rng.uniform(-0.1, 0.1)),
        mirrored=rng.random() < 0.5,
    )
    border = rng.choice([cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE, cv2.BORDER_REFLECT_101])
    fill = rng.choice([0, PADDING, 255, rng.randrange(256)])
    grey = warp(picture.pixels, placement(picture.boxes[row], place), size, border, fill)
    if rng.random() < _REFOCUSED:
        grey = refocus(grey, side, rng)
    grey = shade(grey, rng)
    cover(grey, x - side / 2, y - side / 2, side, rng)
    return relight(grey, rng, noise)


def plain_crop(
    picture: Picture, row: int, size: int, share: float, mirrored: bool = False
) -> NDArray[np.uint8]:
    """Return (size, size) one face upright in the middle, its side a share of the crop's."""
    place = Place(size / 2, size / 2, size * share, mirrored=mirrored)
    matrix = placement(picture.boxes[row], place)
    return warp(picture.pixels, matrix, size, cv2.BORDER_REPLICATE)


def labelled(pictures: Sequence[Picture]) -> list[tuple[Picture, int]]:
    """Return the faces of pictures whose expression is known."""
    return [
        (picture, row)
        for picture in pictures
        for row in range(len(picture.boxes))
        if np.isfinite(picture.targets[row, 0])
    ]


def as_input(pixels: Tensor, device: Any) -> Tensor:
    """Return (B, 3, S, S) 0 to 1, channels last, of grey pixels (B, 1, S, S) uint8."""
    batch = pixels.to(device).float().div(255).expand(-1, 3, -1, -1)
    return batch.contiguous(memory_format=torch.channels_last)
