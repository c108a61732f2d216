"""Crops that show a face on which something is measured: one photograph in two datasets.

FER2013 and ExpW were both collected by searching the web for emotion words. A perceptual hash of
whole images cannot see that a crop of 48 pixels is a part of a photograph; correlation of the crop
with the faces of the photograph can.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.shipping.pictures import Picture
from tools.shipping.placing import Place, placement, warp

_COARSE = 16  # pixels of the side at which all crops are compared
_SHIFTS = np.arange(-2, 3) / _COARSE  # in sides of the crop
_SCALES = 1.08 ** np.arange(-3, 4)
_LEAST_COARSE, _MOST_CANDIDATES = 0.75, 30

_FINE = 48
_FINE_SCALES = 1.035 ** np.arange(-8, 9)
_ROOM = 1.5  # sides of the crop that are searched
# Of 41 faces of ExpW that have a crop of FER2013 above it, 40 were in the same photograph.
_SAME = 0.93


@dataclass(frozen=True, slots=True)
class SharedFace:
    """A crop that shows a face of a picture.

    Args:
        crop: its number.
        picture: the number of the picture.
        face: the row of the face in it.
        likeness: correlation of the crop with the best place in the picture, up to 1.
    """

    crop: int
    picture: int
    face: int
    likeness: float


def find_shared(crops: Sequence[Picture], pictures: Sequence[Picture]) -> list[SharedFace]:
    """Find the crops that show a face of a picture, whatever their sizes and light.

    Args:
        crops: each with one face that fills it.
        pictures: with their faces.
    """
    if not crops:
        return []
    known = np.array([_standardised(crop.pixels, _COARSE) for crop in crops])
    shared = []
    for number, picture in enumerate(pictures):
        for face in range(len(picture.boxes)):
            for crop in _candidates(known, crops, picture, face):
                likeness = _likeness(crops[crop], picture, face)
                if likeness >= _SAME:
                    shared.append(SharedFace(crop, number, face, likeness))
    return shared


def without_shared(crops: Sequence[Picture], pictures: Sequence[Picture]) -> list[Picture]:
    """Return the crops that show no face of the pictures, in order."""
    shared = {pair.crop for pair in find_shared(crops, pictures)}
    return [crop for number, crop in enumerate(crops) if number not in shared]


def _candidates(
    known: NDArray[np.float32], crops: Sequence[Picture], picture: Picture, face: int
) -> list[int]:
    """Return the crops that look most like some view of the face."""
    views = np.array(
        [
            _standardised(_cut(picture, face, crops[0], scale, x, y, _COARSE), _COARSE)
            for scale in _SCALES
            for x in _SHIFTS
            for y in _SHIFTS
        ]
    )
    likeness = (known @ views.T).max(axis=1)
    best = np.argsort(-likeness)[:_MOST_CANDIDATES]
    return [int(crop) for crop in best if likeness[crop] >= _LEAST_COARSE]


def _likeness(crop: Picture, picture: Picture, face: int) -> float:
    """Return the best correlation of a crop with the surroundings of a face."""
    small = cv2.resize(crop.pixels, (_FINE, _FINE), interpolation=cv2.INTER_AREA)
    size = round(_ROOM * _FINE)
    return max(
        float(
            cv2.matchTemplate(
                _cut(picture, face, crop, _ROOM * scale, 0, 0, size), small, cv2.TM_CCOEFF_NORMED
            ).max()
        )
        for scale in _FINE_SCALES
    )


def _cut(
    picture: Picture, face: int, crop: Picture, scale: float, x: float, y: float, size: int
) -> NDArray[np.uint8]:
    """Return (size, size) what a crop like `crop` shows of a face.

    Args:
        picture: with the face.
        face: its row.
        crop: tells where the box of a face lies in a crop.
        scale: of what is seen, in sides of such a crop.
        x: shift to the right, in sides of such a crop.
        y: likewise, down.
        size: in pixels.
    """
    side = crop.pixels.shape[1]
    x1, y1, x2, y2 = crop.boxes[0] / side
    centre_x, centre_y = (x1 + x2) / 2 - 0.5 - x, (y1 + y2) / 2 - 0.5 - y
    place = Place(
        size * (0.5 + centre_x / scale), size * (0.5 + centre_y / scale), size * (x2 - x1) / scale
    )
    matrix = placement(picture.boxes[face], place)
    return warp(picture.pixels, matrix, size, cv2.BORDER_REPLICATE)


def _standardised(pixels: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
    """Return (side * side,) of length 1 and mean 0, so that a product is a correlation."""
    small = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    centred = small.ravel() - small.mean()
    return np.asarray(centred / max(math.sqrt(float(centred @ centred)), 1e-6), np.float32)
