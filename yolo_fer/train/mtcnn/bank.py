"""Faces that a network of the cascade learns from, cut anew for each epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from yolo_fer.boxes import Boxes, iou
from yolo_fer.faces.mtcnn.geometry import offsets_to, squares
from yolo_fer.two_stage.cutting import cut_squares

FOREGROUND_IOU = 0.5
"""A window that overlaps a face by more shows it; one that overlaps every face by less does not."""

_WANDER, _ZOOM = 0.05, 0.05  # how far a window moves between epochs, in its sides
_FAR, _WIDE = 0.25, 0.3  # how far windows lie off a face that no network has found
_GREY = 0.5  # of the crops
_PHOTOGRAPHED = 0.25  # of the faces


@dataclass(frozen=True, slots=True, eq=False)
class BankFace:
    """A face and the windows that show it.

    Args:
        pixels: the pixels of the face and what is around it: (height, width, 3) BGR, or grey
            without 3.
        box: (4,) corners in these pixels, in WIDER FACE's tight convention.
        emotions: (7,) how probable each is; all 0 for a face without an expression's label.
        windows: (N, 4) squares that the network before takes for this face, perhaps none.
    """

    pixels: NDArray[np.uint8]
    box: NDArray[np.float64]
    emotions: NDArray[np.float32]
    windows: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What a network is shown.

    Args:
        crops: (N, side, side, 3) BGR.
        is_face: (N,) true where there is one.
        is_judged: (N,) true where whether there is one is to be learned: not at FER2013's faces,
            which are all enlarged from 48 grey pixels and have no background of their own.
        offsets: (N, 4) to the face, 0 where there is none.
        emotions: (N, 7) targets, 0 where there is none.
    """

    crops: NDArray[np.uint8]
    is_face: NDArray[np.bool_]
    is_judged: NDArray[np.bool_]
    offsets: NDArray[np.float32]
    emotions: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """All that a network learns from.

    Args:
        faces: the faces, at least one; those of photographs come first.
        photographed: how many they are, at least one.
        background: (M, side, side, 3) BGR windows that show no face, at least one.
        side: the side of the network's input.
    """

    faces: Sequence[BankFace]
    photographed: int
    background: NDArray[np.uint8] = field(repr=False)
    side: int

    def order(self, random: np.random.Generator) -> NDArray[np.intp]:
        """Return the rows of one epoch's faces: each comes once, those of photographs repeatedly.

        A quarter is of photographs: only from them it is learned what is a face, and FER2013 has
        ten times as many as ExpW's better half.
        """
        crops = len(self.faces) - self.photographed
        wanted = max(self.photographed, round(crops * _PHOTOGRAPHED / (1 - _PHOTOGRAPHED)))
        repeated = np.resize(random.permutation(self.photographed), wanted)
        others = np.arange(self.photographed, len(self.faces))
        return random.permutation(np.concatenate([repeated, others]))

    def show(
        self,
        rows: NDArray[np.intp],
        background_rows: NDArray[np.intp],
        random: np.random.Generator,
    ) -> Shown:
        """Cut faces at windows that differ from call to call, and add background."""
        shown = [self._cut(self.faces[row], random) for row in rows]
        faces, none = len(rows), len(background_rows)
        crops = np.concatenate(
            [np.array([crop for crop, _ in shown], np.uint8), self.background[background_rows]]
        )
        offsets = np.zeros((faces + none, 4), np.float32)
        offsets[:faces] = [offset for _, offset in shown]
        emotions = np.zeros((faces + none, len(self.faces[0].emotions)), np.float32)
        emotions[:faces] = [self.faces[row].emotions for row in rows]
        mirrored = random.random(faces + none) < 0.5
        crops[mirrored] = crops[mirrored, :, ::-1]
        offsets[mirrored] = offsets[mirrored][:, [2, 1, 0, 3]] * [-1, 1, -1, 1]
        # FER2013 is grey and photographs are not: without this, grey would mean face.
        grey = random.random(faces + none) < _GREY
        crops[grey] = crops[grey].mean(axis=3, keepdims=True).astype(np.uint8)
        is_face = np.arange(faces + none) < faces
        is_judged = np.concatenate([rows < self.photographed, np.ones(none, np.bool_)])
        return Shown(crops, is_face, is_judged, offsets, emotions)

    def _cut(
        self, face: BankFace, random: np.random.Generator
    ) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
        if len(face.windows):
            near = face.windows[random.integers(len(face.windows))][None]
            window = _moved(near, random, _WANDER, _ZOOM)
        else:
            window = _moved(squares(face.box[None]), random, _FAR, _WIDE)
        if iou(window, face.box[None])[0, 0] < FOREGROUND_IOU:
            window = squares(face.box[None])
        return cut(face.pixels, window, self.side), offsets_to(window, face.box[None])[0]


def cut(pixels: NDArray[np.uint8], window: Boxes, side: int) -> NDArray[np.uint8]:
    """Return the (side, side, 3) BGR crop of one window (1, 4) of a colour or grey image."""
    (crop,) = cut_squares(pixels, window)
    method = cv2.INTER_AREA if len(crop) > side else cv2.INTER_LINEAR
    scaled = np.asarray(cv2.resize(crop, (side, side), interpolation=method), np.uint8)
    return scaled if scaled.ndim == 3 else np.repeat(scaled[..., None], 3, axis=2)


def _moved(window: Boxes, random: np.random.Generator, far: float, zoom: float) -> Boxes:
    side = window[0, 2] - window[0, 0]
    centre = (window[0, :2] + window[0, 2:]) / 2 + random.uniform(-far, far, 2) * side
    half = side * np.exp(random.uniform(-zoom, zoom)) / 2
    return np.concatenate([centre - half, centre + half])[None]
