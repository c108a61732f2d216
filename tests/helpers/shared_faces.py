"""Crops that show a face of a photograph, as two datasets may share one."""

from __future__ import annotations

import cv2
import numpy as np

from tools.shipping.pictures import Picture
from yolo_fer.convert.crops import TIGHT
from yolo_fer.dataset.samples import box_array


def crop_of(picture: Picture, scale: float = 1.0, shift: float = 0.0) -> Picture:
    """A crop of 48 pixels as FER2013 has them, `scale` and `shift` off the usual place."""
    x1, y1, x2, _ = picture.boxes[0]
    side = (x2 - x1) / TIGHT.side * scale
    left = (x1 + x2) / 2 - TIGHT.x * side + shift * side
    top = (y1 + (x2 - x1) / 2) - TIGHT.y * side + shift * side
    matrix = np.array([[48 / side, 0, -left * 48 / side], [0, 48 / side, -top * 48 / side]])
    pixels = np.asarray(cv2.warpAffine(picture.pixels, matrix, (48, 48), flags=cv2.INTER_AREA))
    box = box_array([TIGHT.box(48, 48)]).astype(np.float32)
    return Picture("crop", pixels, box, picture.targets, exact=False)
