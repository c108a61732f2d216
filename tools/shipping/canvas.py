"""A training image while it is put together of parts, each with its faces."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tools.shipping.pictures import Picture
from tools.shipping.placing import move_boxes, visible
from tools.shipping.truth import View
from yolo_fer.detector.preprocess import PADDING
from yolo_fer.emotions import Emotion


class Canvas:
    """A training image while it is composed, grey at first.

    Args:
        size: its side, in pixels.
        least: pixels of the side of the smallest face that is to be found; of a smaller one nothing
            is taught.
    """

    def __init__(self, size: int, least: float) -> None:
        self.size, self._least = size, least
        self._pixels = np.full((size, size), PADDING, np.uint8)
        self._boxes: list[NDArray[np.float64]] = []
        self._targets: list[NDArray[np.float32]] = []
        self._exact: list[bool] = []
        self._sources: list[int] = []
        self._ignored: list[NDArray[np.float64]] = []

    def put(
        self,
        pixels: NDArray[np.uint8],
        left: int,
        top: int,
        source: int,
        picture: Picture,
        matrix: NDArray[np.float64],
    ) -> None:
        """Put a square part of the image in its place, with the faces of its picture that it shows.

        Args:
            pixels: (S, S) grey.
            left: the column of its left edge in the image.
            top: the row of its upper edge.
            source: the number of the picture's dataset.
            picture: the picture that the part shows, or a piece of it.
            matrix: (2, 3) the affine map from the picture to the part.
        """
        size = len(pixels)
        self._pixels[top : top + size, left : left + size] = pixels
        offset = np.array([left, top, left, top])
        cut, found, ignored = visible(move_boxes(picture.boxes, matrix), size, self._least)
        if not picture.exact:
            found |= ignored  # a tile's one face is to be named wherever it was put
        self._boxes.extend(cut[found] + offset)
        self._targets.extend(picture.targets[found])
        self._exact.extend([picture.exact] * int(found.sum()))
        self._sources.extend([source] * int(found.sum()))
        self._ignored.extend(cut[ignored & ~found] + offset)
        unsure = np.clip(move_boxes(picture.unsure, matrix), 0, size)
        shown = (unsure[:, 2:] - unsure[:, :2] > 1).all(axis=1)
        self._ignored.extend(unsure[shown] + offset)

    def view(self) -> View:
        """Return the image with what is known of its faces."""
        return View(
            self._pixels,
            np.array(self._boxes).reshape(-1, 4),
            np.array(self._targets, np.float32).reshape(-1, len(Emotion)),
            np.array(self._exact, bool),
            np.array(self._sources, np.int64),
            np.array(self._ignored).reshape(-1, 4),
        )
