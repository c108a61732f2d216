"""Frames with a known number of faces, made of the faces of a dataset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from yolo_fer.boxes import to_squares
from yolo_fer.dataset.evaluation_set import EvaluationSet
from yolo_fer.dataset.labels import IGNORED
from yolo_fer.emotions import Emotion
from yolo_fer.errors import ImageError
from yolo_fer.images import Image, read
from yolo_fer.synthetic.scene_drawing import WantedFace, draw_scene
from yolo_fer.synthetic.scenery import draw_background
from yolo_fer.two_stage.cutting import cut_squares

WIDTH, HEIGHT = 640, 480  # a webcam's frame
FRAMES = 8
_COLUMNS, _ROWS = 5, 4
_TILE_SHARE = 0.45  # of a tile's side that a drawn face takes at least
_FACES = 40  # different ones
_VIEW = 1.5  # sides of a picture in those of the face's box: a finder wants to see the head
_LEAST_SIDE = 32  # pixels of a face that is worth being enlarged


@dataclass(frozen=True, slots=True)
class FaceCrops:
    """Pictures of single faces.

    Args:
        pictures: each (side, side, 3) BGR.
    """

    pictures: tuple[Image, ...]

    @classmethod
    def collect(cls, dataset: EvaluationSet) -> FaceCrops:
        """Cut some labelled faces out of the images of a set, the same at every call.

        There are none if no face is large enough.
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


def crowd_frames(
    faces: int,
    width: int,
    height: int,
    count: int = 16,
    make_face: Callable[[np.random.Generator, int], Image] | None = None,
) -> list[Image]:
    """Compose frames with so many faces of much the same size, whatever their number.

    Args:
        faces: 0 to 20.
        width: the width of a frame in pixels.
        height: the height, in the unit of the width.
        count: the number of frames, which are all different: a stream shows no frame twice.
        make_face: gives a square picture of one face, of so many pixels a side; None draws it.
    """
    make = make_face or _one_face
    rng = np.random.default_rng(faces)
    side = min(width // _COLUMNS, height // _ROWS)
    frames = []
    for _ in range(count):
        frame = draw_background(rng, width, height)
        for place in rng.permutation(_COLUMNS * _ROWS)[:faces]:
            row, column = divmod(int(place), _COLUMNS)
            y, x = row * height // _ROWS, column * width // _COLUMNS
            frame[y : y + side, x : x + side] = make(rng, side)
        frames.append(frame)
    return frames


def _one_face(rng: np.random.Generator, side: int) -> Image:
    while True:
        scene = draw_scene(rng, side, side, [WantedFace(Emotion(int(rng.integers(len(Emotion)))))])
        box = scene.faces[0].box
        if box.x2 - box.x1 >= _TILE_SHARE * side:
            return scene.image
