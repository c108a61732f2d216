"""Hiding faces, in a stream also for the moments in which the network misses one."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from yolo_fer.boxes import clip, iou, widen
from yolo_fer.images import Image
from yolo_fer.predict.frame_time import seconds
from yolo_fer.results import FacePrediction, Prediction

HOLD_SECONDS = 0.5
_HIDDEN_MARGIN = 0.25  # of a box's size, on each side: hair and ears can identify a person, too
_HIDDEN_CELLS = 6  # along the longer side, so four across the face; 16 can still be recognised
_LEAST_CELL = 4  # pixels: else a face of six pixels would stay as it is
_SAME_PLACE = 0.3  # the IoU at which a face counts as found again


class FaceBlur:
    """Blurs the faces of one stream, or of images.

    A network misses a face now and then, and one clear frame is enough to recognise the person. So
    a face that is not found again keeps its place blurred for half a second. What is never found is
    never hidden.

    Args:
        is_on: whether faces are blurred at all; else images stay as they are.
    """

    def __init__(self, is_on: bool = True) -> None:
        self._is_on = is_on
        self._seen: list[tuple[float, FacePrediction]] = []
        self._source = ""

    def hide(self, image: Image, prediction: Prediction) -> Image:
        """Return a copy of an image, or of the next frame, with its faces blurred."""
        if not self._is_on:
            return image
        if prediction.frame is None:
            return blur_faces(image, prediction.faces)
        now = seconds(prediction)
        if prediction.source != self._source:
            self._seen, self._source = [], prediction.source
        missed = [
            (time, face)
            for time, face in self._seen
            if 0 <= now - time <= HOLD_SECONDS and not _found_again(face, prediction.faces)
        ]
        self._seen = missed + [(now, face) for face in prediction.faces]
        return blur_faces(image, [face for _, face in self._seen])


def _found_again(face: FacePrediction, faces: tuple[FacePrediction, ...]) -> bool:
    if not faces:
        return False
    overlaps = iou(np.array([face.box]), np.array([other.box for other in faces]))
    return bool(overlaps.max() >= _SAME_PLACE)


def blur_faces(image: Image, faces: Sequence[FacePrediction]) -> Image:
    """Return a copy of an image in which the people cannot be recognised.

    Each face, with a margin of a quarter of its box on every side, is averaged in at most 6 x 6
    cells, whatever its size, and the cells are blended into each other. The 36 colours are all that
    is left of it. Mosaics of finer cells can be recognised (McPherson, Shokri and Shmatikov,
    "Defeating Image Obfuscation with Deep Learning", 2016).

    Args:
        image: (height, width, 3) BGR, 0 to 255.
        faces: the faces, with boxes in pixels of this image.
    """
    canvas = image.copy()
    if not faces:
        return canvas
    height, width = canvas.shape[:2]
    wide = clip(widen(np.array([face.box for face in faces]), _HIDDEN_MARGIN), width, height)
    outward = np.concatenate([np.floor(wide[:, :2]), np.ceil(wide[:, 2:])], axis=1).astype(int)
    for x1, y1, x2, y2 in outward:
        if x1 < x2 and y1 < y2:
            canvas[y1:y2, x1:x2] = _blurred(canvas[y1:y2, x1:x2])
    return canvas


def _blurred(region: Image) -> Image:
    height, width = region.shape[:2]
    cell = max(max(height, width) / _HIDDEN_CELLS, _LEAST_CELL)
    cells = (max(1, round(width / cell)), max(1, round(height / cell)))
    averaged = cv2.resize(region, cells, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(averaged, (width, height), interpolation=cv2.INTER_LINEAR))
