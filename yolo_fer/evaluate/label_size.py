"""Giving images back the size that they had when their faces were labelled.

WIDER FACE is also passed on with images stretched to a square beside labels that were left alone.
All its images are 1024 pixels wide; their heights differ and are lost then, but can be told from
where a good face finder sees the labelled faces: within 1 % on the images with several faces.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from yolo_fer import images
from yolo_fer.boxes import Boxes, iou
from yolo_fer.errors import ImageError
from yolo_fer.evaluate.wider_face import WiderImage
from yolo_fer.faces import FaceFinder, FoundFaces, load_finder
from yolo_fer.images import Image

WIDTH = 1024
_HEIGHTS = (300, 3000)  # the flattest and the tallest image that is thought of
_FIRST_LOOKS = (683, 1024, 1400)  # a face that is stretched by more than that is overlooked
_FIT_IOU = 0.4
_STEP = 0.02  # of the first search
_LEAST_FIT = 0.5  # about one face that is seen well
_EDGE = 4.0  # pixels by which a careless label may pass the image's edge
_MANY = 0.1  # of the images


def is_resized(labelled: Iterable[WiderImage]) -> bool:
    """Tell whether labels are about larger images than there are: one in ten shows it."""
    seen = beyond = 0
    for item in labelled:
        try:
            height, width = images.read(item.path).shape[:2]
        except ImageError:
            continue
        seen += 1
        corners = item.boxes[:, 2:]
        beyond += bool((corners > np.array([width, height]) + _EDGE).any())
    return beyond > _MANY * seen


@dataclass(frozen=True, slots=True)
class LabelSize:
    """Restores the size of images of WIDER FACE.

    Args:
        finder: that tells the height. Where there is one face, its height fits this finder a little
            better than the others.
    """

    finder: FaceFinder

    @classmethod
    def by_retinaface(cls, device: str, threads: int | None) -> LabelSize:
        """Use RetinaFace, the best of the finders that need no download."""
        return cls(load_finder("retinaface", device=device, threads=threads, threshold=0.3))

    def restore(self, image: Image, faces: Boxes) -> Image | None:
        """Stretch an image to 1024 pixels of width and the height that its labels tell.

        Args:
            image: of any size.
            faces: (N, 4) true corner boxes.

        Returns:
            The image, or None if its height cannot be told. One without faces is 4:3.
        """
        if not len(faces):
            return _stretch(image, WIDTH * 3 // 4)
        looks = [self._look(image, faces, height) for height in _FIRST_LOOKS]
        height, fit = max(looks, key=lambda look: look[1])
        if fit < _LEAST_FIT:
            return None
        height, _ = self._look(image, faces, height)  # now faces have their natural shape
        return _stretch(image, height)

    def _look(self, image: Image, faces: Boxes, height: int) -> tuple[int, float]:
        (found,) = self.finder.find([_stretch(image, height)])
        return fit_height(faces, found, height)


def fit_height(faces: Boxes, found: FoundFaces, height: int) -> tuple[int, float]:
    """Find the image's height at which found boxes fit the true ones best.

    Args:
        faces: (N, 4) true corner boxes.
        found: in an image of the right width and of `height`.
        height: in pixels.

    Returns:
        The height, and how well it fits: the sum of score times IoU over the boxes that fit.
    """
    lowest = max(_HEIGHTS[0], int(np.ceil(faces[:, 3].max() - _EDGE)))
    count = max(2, int(np.log(max(_HEIGHTS[1] / lowest, 1.01)) / _STEP))
    coarse = np.unique(np.geomspace(lowest, max(_HEIGHTS[1], lowest + 1), count).round())
    best = _best(coarse, faces, found, height)
    near = np.arange(np.floor(best * (1 - _STEP)), np.ceil(best * (1 + _STEP)) + 1)
    best = _best(near[near >= lowest], faces, found, height)
    return int(best), _fit(best, faces, found, height)


def _best(heights: Boxes, faces: Boxes, found: FoundFaces, height: int) -> float:
    return float(max(heights, key=lambda candidate: _fit(candidate, faces, found, height)))


def _fit(candidate: float, faces: Boxes, found: FoundFaces, height: int) -> float:
    if not len(found.boxes):
        return 0.0
    scale = candidate / height
    overlaps = iou(faces, found.boxes * np.array([1, scale, 1, scale])).max(axis=0)
    return float((found.scores * overlaps)[overlaps > _FIT_IOU].sum())


def _stretch(image: Image, height: int) -> Image:
    size = (WIDTH, height)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC), np.uint8)
