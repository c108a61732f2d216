"""Drawn faces cut out as datasets of crops have them."""

from __future__ import annotations

import cv2
import numpy as np

from yolo_fer.emotions import Emotion
from yolo_fer.images import Image
from yolo_fer.synthetic.face_drawing import draw_face
from yolo_fer.synthetic.scenery import draw_background


def drawn_crop(emotion: Emotion, seed: int, side: int = 48) -> Image:
    """A (side, side, 3) crop of a drawn person, cut as those of FER2013."""
    rng = np.random.default_rng(seed)
    picture = draw_face(emotion, rng, 96)
    height, width = picture.alpha.shape
    alpha = picture.alpha[..., None] / 255
    whole = draw_background(rng, width, height) * (1 - alpha) + picture.image * alpha
    box = picture.box
    cut = (box.x2 - box.x1) / 1.03
    left, top = (box.x1 + box.x2) / 2 - 0.51 * cut, (box.y1 + box.y2) / 2 - 0.46 * cut
    matrix = np.array([[side / cut, 0, -left * side / cut], [0, side / cut, -top * side / cut]])
    crop = cv2.warpAffine(
        whole.astype(np.uint8),
        matrix,
        (side, side),
        flags=cv2.INTER_AREA,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(crop, dtype=np.uint8)


def drawn_photograph(emotion: Emotion, seed: int, faces: tuple[float, ...] = (90,)) -> Image:
    """A 320x240 picture with drawn people side by side; `faces` are the sides of their boxes."""
    rng = np.random.default_rng(seed)
    image = draw_background(rng, 320, 240).astype(np.float64)
    for number, side in enumerate(faces):
        picture = draw_face(emotion, rng, side)
        x = 320 * (number + 1) / (len(faces) + 1) - (picture.box.x1 + picture.box.x2) / 2
        left, top = int(x), int(110 - (picture.box.y1 + picture.box.y2) / 2)
        height, width = picture.alpha.shape
        y1, x1 = max(0, top), max(0, left)
        y2, x2 = min(240, top + height), min(320, left + width)
        part = slice(y1 - top, y2 - top), slice(x1 - left, x2 - left)
        alpha = picture.alpha[part][..., None] / 255
        image[y1:y2, x1:x2] += alpha * (picture.image[part] - image[y1:y2, x1:x2])
    return image.astype(np.uint8)
