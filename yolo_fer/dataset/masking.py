"""Painting over unlabelled faces, since YOLO has no regions to ignore."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from yolo_fer.dataset.samples import Box
from yolo_fer.images import Image

# The grey with which YOLO pads its inputs: the one colour that a network already knows as nothing.
GREY = 114


def paint(image: Image, hidden: Sequence[Box], kept: Sequence[Box]) -> Image:
    """Return a copy with the hidden boxes painted grey, except where a kept box lies.

    Args:
        image: the picture, (height, width, 3) BGR.
        hidden: faces to paint over, in pixels; parts outside the image are left out.
        kept: labelled faces whose pixels stay as they are.
    """
    mask = np.zeros(image.shape[:2], dtype=bool)
    for value, boxes in ((True, hidden), (False, kept)):
        for box in boxes:
            x1, y1 = max(0, int(np.floor(box.x1))), max(0, int(np.floor(box.y1)))
            mask[y1 : max(0, int(np.ceil(box.y2))), x1 : max(0, int(np.ceil(box.x2)))] = value
    painted = image.copy()
    painted[mask] = GREY
    return painted
