"""Pictures of drawn people, and a folder of them in ExpW's layout."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from yolo_fer.boxes import intersection
from yolo_fer.dataset.samples import Box, box_array
from yolo_fer.emotions import Emotion
from yolo_fer.images import Image
from yolo_fer.synthetic.canvas import Mask, blend
from yolo_fer.synthetic.face_drawing import BOX_SIDE, FacePicture, draw_face
from yolo_fer.synthetic.scenery import draw_background, photograph

MIN_FACE = 24.0
"""The least side of a face's box, in pixels."""
_ATTEMPTS = 24  # places to try before all faces of a scene are made smaller
_ROUNDS = 100  # of making them smaller
_LONGEST_BODY = 6.5  # how far below a face's top the image may go on, in sides of the box
_OVER_THE_EDGE = 0.08  # share of the faces that the image's edge may cut


@dataclass(frozen=True, slots=True)
class WantedFace:
    """A face to be drawn.

    Args:
        emotion: the emotion that the face shows.
        labelled: whether the dataset lists the face.
    """

    emotion: Emotion
    labelled: bool = True


@dataclass(frozen=True, slots=True)
class DrawnFace:
    """A face in a scene; the box is square, of ExpW's convention, and may pass the image's edge."""

    box: Box
    emotion: Emotion
    labelled: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture and all faces in it.

    Args:
        image: the pixels, (height, width, 3) BGR.
        faces: the faces, in the order in which they were asked for.
    """

    image: Image
    faces: tuple[DrawnFace, ...]


def draw_scene(
    rng: np.random.Generator, width: int, height: int, faces: Sequence[WantedFace]
) -> Scene:
    """Draw people before a background; no one hides another's face.

    Args:
        rng: the source of all random choices.
        width: the width of the picture in pixels.
        height: the height, in the unit of the width.
        faces: the faces to draw; their sizes and places are random.

    Raises:
        ValueError: if so many faces have no room, however small.
    """
    boxes = _arrange(rng, width, height, len(faces))
    image = draw_background(rng, width, height)
    drawn: list[DrawnFace | None] = [None] * len(faces)
    for index in sorted(range(len(boxes)), key=lambda index: boxes[index].y2):  # back to front
        wanted, place = faces[index], boxes[index]
        picture = draw_face(wanted.emotion, rng, place.x2 - place.x1)
        box = _paste(image, picture, place)
        drawn[index] = DrawnFace(box, wanted.emotion, wanted.labelled)
    return Scene(photograph(rng, image), tuple(face for face in drawn if face is not None))


def _arrange(rng: np.random.Generator, width: int, height: int, count: int) -> list[Box]:
    """Find a place for each face, of many sizes, so that no head or body covers a face."""
    largest = 0.62 * min(width, height) / math.sqrt(max(count - 1, 1))
    sizes = np.exp(rng.uniform(math.log(min(30.0, largest)), math.log(largest), count))
    if count == 1:
        sizes = np.maximum(sizes, 0.12 * min(width, height))
    for _ in range(_ROUNDS):
        boxes: list[Box] = []
        for size in sorted(np.maximum(sizes, MIN_FACE), reverse=True):
            candidates = (_somewhere(rng, width, height, float(size)) for _ in range(_ATTEMPTS))
            fitting = (box for box in candidates if not any(_hide(box, b) for b in boxes))
            box = next(fitting, None)
            if box is None:
                break
            boxes.append(box)
        if len(boxes) == count:
            return boxes
        sizes = sizes * 0.9
    raise ValueError(f"{count} faces have no room in {width}x{height} pixels")


def _somewhere(rng: np.random.Generator, width: int, height: int, size: float) -> Box:
    edge = 0.25 * size if rng.random() < _OVER_THE_EDGE else -0.06 * size
    x = rng.uniform(-edge, max(width - size + edge, 1 - edge))
    # no feet hang in the air: a small face stands in the lower part of the picture
    highest = max(-edge, height - _LONGEST_BODY * size)
    y = rng.uniform(highest, max(height - size + edge, highest + 1))
    return Box(x, y, x + size, y + size)


def _hide(a: Box, b: Box) -> bool:
    """Return whether the one of two people who stands in front hides the other's face."""
    behind, before = sorted((a, b), key=lambda box: box.y2)
    unit = (before.x2 - before.x1) / BOX_SIDE
    x, y = (before.x1 + before.x2) / 2, (before.y1 + before.y2) / 2 - 0.1 * unit
    head = Box(x - 1.0 * unit, y - 1.3 * unit, x + 1.0 * unit, y + 1.3 * unit)
    body = Box(x - 1.45 * unit, y + 1.2 * unit, x + 1.45 * unit, y + 99 * unit)
    return bool(intersection(box_array([behind]), box_array([head, body])).any())


def _paste(image: Image, picture: FacePicture, place: Box) -> Box:
    """Paste a person so that the face comes to its place, and let the body go on to the bottom."""
    height = image.shape[0]
    left, top = round(place.x1 - picture.box.x1), round(place.y1 - picture.box.y1)
    h, w = picture.alpha.shape
    below = max(height - (top + h), 0)
    patch = cv2.copyMakeBorder(picture.image, 0, below, 0, 0, cv2.BORDER_REPLICATE)
    alpha = cv2.copyMakeBorder(picture.alpha, 0, below, 0, 0, cv2.BORDER_REPLICATE)
    _draw_legs(patch, alpha, h, w / 3.0)
    rows, columns = slice(max(top, 0), top + h + below), slice(max(left, 0), left + w)
    target = image[rows, columns]
    y, x = max(-top, 0), max(-left, 0)
    part = slice(y, y + target.shape[0]), slice(x, x + target.shape[1])
    blend(target, patch[part], alpha[part] * np.float32(1 / 255))
    box = picture.box
    return Box(box.x1 + left, box.y1 + top, box.x2 + left, box.y2 + top)


def _draw_legs(patch: Image, alpha: Mask, end: int, unit: float) -> None:
    """Turn what is below a person's hips into two legs; `end` is the row where the drawing ends."""
    hips = end + round(2.2 * unit)
    if hips >= len(alpha):
        return
    across = (np.arange(alpha.shape[1]) + 0.5) / unit - 1.5  # head coordinates
    patch[hips:] = patch[hips:] // 3 + 25
    edge = np.minimum(1.0 - np.abs(across), np.abs(across) - 0.07) * unit
    alpha[hips:] = (255 * np.clip(edge, 0, 1)).astype(np.uint8)
