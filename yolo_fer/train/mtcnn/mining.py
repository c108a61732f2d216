"""Finding out what a network has to learn: the windows that the networks before it let through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from yolo_fer.boxes import Boxes, clip, iou
from yolo_fer.crops.crop_set import Crops
from yolo_fer.evaluate.classifiers import as_images
from yolo_fer.faces.mtcnn.geometry import crop, resize, squares
from yolo_fer.images import Image
from yolo_fer.train.mtcnn.bank import FOREGROUND_IOU, Bank, BankFace
from yolo_fer.train.mtcnn.training_images import (
    FindWindows,
    Photograph,
    find_in_crop,
    read_or_none,
)

_MOST_BACKGROUND = 40_000  # windows in memory: 280 MB for O-Net
_STORED = 1.25  # the largest side of a face in memory, in sides of the network's input
_HARD, _RANDOM = 30, 6  # windows of a photograph
_CONTEXT = 1.5  # what is kept around a face, in its sides
_MOST_WINDOWS = 4  # of a face
_LEAST_SIDE = 12.0


def mine(
    photographs: Sequence[Photograph],
    find: FindWindows,
    side: int,
    random: np.random.Generator,
    left_out: Counter[str],
) -> Bank:
    """Collect the faces of photographs with the windows found at them, and hard negatives.

    A hard negative is a window that the networks so far take for a face and that overlaps every
    face by less than 0.5. A few windows at random are added: a network that has only ever seen what
    looks like a face forgets what does not.

    Args:
        photographs: the photographs with their faces.
        find: finds faces with the networks before.
        side: the side of the crops.
        random: the source of the random windows, and of the choice where there are too many.
        left_out: counts photographs that cannot be read.
    """
    faces: list[BankFace] = []
    background = _Reservoir(side, random)
    for photograph in photographs:
        image = read_or_none(photograph, left_out)
        if image is None:
            continue
        found = find(image)
        faces.extend(_faces(image, photograph, found, side))
        windows = np.concatenate([found, _random_windows(image, random)])
        known = np.concatenate([photograph.boxes, photograph.ignored])
        empty = windows[iou(windows, known).max(axis=1, initial=0) < FOREGROUND_IOU]
        hard = empty[: _HARD + _RANDOM] if len(found) < _HARD else _some(empty, random)
        background.add(crop(image, hard, side))
    return Bank(faces, len(faces), background.kept, side)


class _Reservoir:
    """Keeps so many windows of a stream that each had the same chance (Vitter 1985)."""

    def __init__(self, side: int, random: np.random.Generator) -> None:
        self._windows = np.empty((_MOST_BACKGROUND, side, side, 3), np.uint8)
        self._seen = 0
        self._random = random

    @property
    def kept(self) -> NDArray[np.uint8]:
        return self._windows[: self._seen]

    def add(self, windows: NDArray[np.uint8]) -> None:
        for window in windows:
            full = self._seen >= _MOST_BACKGROUND
            place = int(self._random.integers(self._seen + 1)) if full else self._seen
            if place < _MOST_BACKGROUND:
                self._windows[place] = window
            self._seen += 1


def _some(windows: Boxes, random: np.random.Generator) -> Boxes:
    count = min(len(windows), _HARD + _RANDOM)
    return windows[random.choice(len(windows), count, replace=False)]


def _faces(
    image: Image, photograph: Photograph, found: Boxes, network_side: int
) -> Iterable[BankFace]:
    height, width = image.shape[:2]
    overlaps = iou(photograph.boxes, found)
    for row, box in enumerate(photograph.boxes):
        reach = squares(box[None])[0]
        side = reach[2] - reach[0]
        around = clip(reach[None] + np.array([-1, -1, 1, 1]) * (_CONTEXT - 1) * side, width, height)
        x1, y1, x2, y2 = np.rint(around[0]).astype(int)
        if min(x2 - x1, y2 - y1) < 1 or side < _LEAST_SIDE:
            continue
        shift = np.array([x1, y1, x1, y1])
        best = np.argsort(-overlaps[row], kind="stable")[:_MOST_WINDOWS]
        windows = np.asarray(found[best[overlaps[row][best] >= FOREGROUND_IOU]], np.float64)
        pixels = image[y1:y2, x1:x2].copy()  # not a view, which would keep the photograph
        if side > _STORED * network_side:
            pixels = resize(pixels, _STORED * network_side / side)
        scale = np.divide(pixels.shape[1::-1], (x2 - x1, y2 - y1))[[0, 1, 0, 1]]
        yield BankFace(
            pixels, (box - shift) * scale, photograph.emotions[row], (windows - shift) * scale
        )


def _random_windows(image: Image, random: np.random.Generator) -> Boxes:
    height, width = image.shape[:2]
    longest = min(height, width)
    if longest <= _LEAST_SIDE:
        return np.empty((0, 4))
    sides = np.exp(random.uniform(np.log(_LEAST_SIDE), np.log(longest), _RANDOM))
    corner = random.uniform(0, 1, (_RANDOM, 2)) * (np.array([width, height]) - sides[:, None])
    return np.concatenate([corner, corner + sides[:, None]], axis=1)


def bank_of_crops(
    crops: Crops, boxes: NDArray[np.float64], find: FindWindows | None
) -> list[BankFace]:
    """Return FER2013's faces with the windows found at them.

    Args:
        crops: grey.
        boxes: (N, 4) of the faces, as the pre-trained cascade annotated them.
        find: finds faces with the networks before; None for P-Net, which has none.
    """
    faces = []
    for row, image in enumerate(as_images(crops.pixels)):
        windows = np.empty((0, 4)) if find is None else find_in_crop(find, image)
        close = iou(windows, boxes[row : row + 1])[:, 0] >= FOREGROUND_IOU
        kept = np.asarray(windows[close][:_MOST_WINDOWS], np.float64)
        faces.append(BankFace(crops.pixels[row, 0], boxes[row], crops.targets[row], kept))
    return faces
