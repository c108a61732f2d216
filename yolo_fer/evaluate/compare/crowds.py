"""Frames with a known number of faces, made of the faces of a dataset."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from yolo_fer.boxes import to_squares
from yolo_fer.dataset.evaluation_set import EvaluationSet
from yolo_fer.dataset.labels import IGNORED
from yolo_fer.errors import ImageError
from yolo_fer.evaluate.frames import crowd_frames
from yolo_fer.images import Image, read
from yolo_fer.two_stage.cutting import cut_squares

WIDTH, HEIGHT = 640, 480  # a webcam's frame
FRAMES = 8
_FACES = 40  # different ones
_VIEW = 1.5  # sides of a picture in those of the face's box: a finder wants to see the head
_LEAST_SIDE = 32  # pixels of a face that is worth being enlarged


@dataclass(frozen=True, slots=True)
class FaceBook:
    """Pictures of single faces.

    Args:
        pictures: each (side, side, 3) BGR.
    """

    pictures: tuple[Image, ...]

    @classmethod
    def collect(cls, dataset: EvaluationSet) -> FaceBook:
        """Cut some labelled faces out of the images of a set, the same at every call.

        With no face that is large enough the book is empty.
        """
        order = np.random.default_rng(0).permutation(len(dataset.images))
        pictures: list[Image] = []
        for index in order:
            labelled = dataset.images[index]
            kept = labelled.faces.emotions != IGNORED
            if len(pictures) >= _FACES or not kept.any():
                continue
            try:
                image = read(labelled.path)
            except ImageError:
                continue  # the evaluation counts it
            height, width = image.shape[:2]
            boxes = labelled.faces.in_pixels(width, height)[kept]
            large = (boxes[:, 2:] - boxes[:, :2]).min(axis=1) >= _LEAST_SIDE
            squares = to_squares(boxes[large], side=_VIEW, right=0, up=0)
            pictures += [crop.copy() for crop in cut_squares(image, squares)]
        return cls(tuple(pictures[:_FACES]))

    def frames(self, faces: int) -> list[Image]:
        """Return frames with so many of the faces on a drawn background; drawn faces if none is.

        Args:
            faces: 0 to 20 in each frame; their size does not depend on the number.
        """
        make = self._make if self.pictures else None
        return crowd_frames(faces, WIDTH, HEIGHT, FRAMES, make)

    def _make(self, rng: np.random.Generator, side: int) -> Image:
        picture = self.pictures[int(rng.integers(len(self.pictures)))]
        scaled = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
        return np.asarray(scaled, np.uint8)
