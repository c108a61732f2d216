"""Hiding faces in a stream: also for the moments in which the network misses one."""

from __future__ import annotations

import numpy as np

from yolo_fer.boxes import iou
from yolo_fer.images import Image
from yolo_fer.outputs.drawing import blur_faces
from yolo_fer.predict.frame_time import seconds
from yolo_fer.results import FacePrediction, Prediction

HOLD_SECONDS = 0.5
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
