"""Drawn faces as the pictures that shipped weights are trained on."""

from __future__ import annotations

import numpy as np

from tests.helpers.drawn_crops import drawn_crop
from tools.shipping.pictures import Picture, soft_label, to_grey
from yolo_fer.convert.crops import TIGHT
from yolo_fer.dataset.samples import box_array
from yolo_fer.emotions import Emotion
from yolo_fer.synthetic.face_drawing import draw_face
from yolo_fer.synthetic.scenery import draw_background

BOX = box_array([TIGHT.box(48, 48)]).astype(np.float32)


def crop(emotion: Emotion, seed: int = 0) -> Picture:
    """A crop of 48 pixels that one face fills."""
    pixels = to_grey(drawn_crop(emotion, seed))
    return Picture(f"crop {seed}", pixels, BOX, soft_label(emotion)[None], exact=False)


def photograph(emotion: Emotion | None, seed: int = 0, side: float = 90) -> Picture:
    """A picture of 320x240 with one face; None is a face of which nobody knows."""
    rng = np.random.default_rng(seed)
    image = draw_background(rng, 320, 240).astype(np.float64)
    drawn = draw_face(emotion or Emotion.NEUTRAL, rng, side)
    height, width = (min(a, b) for a, b in zip(drawn.alpha.shape, (240, 320), strict=True))
    alpha = drawn.alpha[:height, :width, None] / 255
    part = image[:height, :width]
    part[:] = part * (1 - alpha) + drawn.image[:height, :width] * alpha
    box = np.array([[drawn.box.x1, drawn.box.y1, drawn.box.x2, drawn.box.y2]], np.float32)
    pixels = to_grey(image.astype(np.uint8))
    return Picture(f"photograph {seed}", pixels, box, soft_label(emotion)[None])
