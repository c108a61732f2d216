"""Drawing faces into images: a box and a label for each, readable at any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2

from yolo_fer.emotions import Emotion
from yolo_fer.images import Image
from yolo_fer.predictions import FacePrediction

Colour = tuple[int, int, int]
"""Blue, green, red, each 0 to 255."""

# The palette of Okabe and Ito (https://jfly.uni-koeln.de/color/), which people with any of the
# common colour-vision deficiencies can tell apart.
COLOURS: dict[Emotion, Colour] = {
    Emotion.ANGER: (0, 94, 213),
    Emotion.DISGUST: (115, 158, 0),
    Emotion.FEAR: (167, 121, 204),
    Emotion.HAPPINESS: (66, 228, 240),
    Emotion.SADNESS: (178, 114, 0),
    Emotion.SURPRISE: (0, 159, 230),
    Emotion.NEUTRAL: (233, 180, 86),
}
_BLACK: Colour = (0, 0, 0)
_WHITE: Colour = (255, 255, 255)
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_FONT_HEIGHT = 21  # of a capital letter at scale 1, in pixels
_LEAST_SCALE = 0.35  # below it the letters run into each other


@dataclass(frozen=True, slots=True)
class _Label:
    """A text and the room that it takes, in pixels."""

    text: str
    scale: float
    thickness: int
    width: int
    height: int

    @property
    def padding(self) -> int:
        return max(2, self.height // 3)


def annotate(image: Image, faces: Sequence[FacePrediction]) -> Image:
    """Return a copy of an image with its faces drawn in; the best face lies on top.

    Args:
        image: (height, width, 3) BGR, 0 to 255.
        faces: with boxes in pixels of this image.
    """
    canvas = image.copy()
    for face in sorted(faces, key=lambda face: face.score):
        _draw_box(canvas, face)
        _draw_label(canvas, face)
    return canvas


def _draw_box(canvas: Image, face: FacePrediction) -> None:
    height, width = canvas.shape[:2]
    thickness = _line_width(canvas)
    x1, y1, x2, y2 = (round(v) for v in face.box)
    # Lines are drawn centred: moved inwards, none of it is lost at the image's edge.
    inset = thickness // 2 + 1
    start = (min(max(x1, inset), width - 1), min(max(y1, inset), height - 1))
    end = (max(min(x2, width - 1 - inset), 0), max(min(y2, height - 1 - inset), 0))
    if thickness > 1:  # a dark rim keeps a light box visible on a light image
        cv2.rectangle(canvas, start, end, _BLACK, thickness + 2)
    cv2.rectangle(canvas, start, end, COLOURS[face.emotion], thickness)


def _draw_label(canvas: Image, face: FacePrediction) -> None:
    label = _fitting_label(canvas, face)
    if label is None:
        return
    full_width, full_height = label.width + 2 * label.padding, label.height + 2 * label.padding
    left, top = _place_label(canvas, face, full_width, full_height)
    colour = COLOURS[face.emotion]
    corner = (left + full_width - 1, top + full_height - 1)
    cv2.rectangle(canvas, (left, top), corner, colour, cv2.FILLED)
    cv2.putText(
        canvas,
        label.text,
        (left + label.padding, top + label.padding + label.height),
        _FONT,
        label.scale,
        _text_colour(colour),
        label.thickness,
        cv2.LINE_AA,
    )


def _place_label(canvas: Image, face: FacePrediction, width: int, height: int) -> tuple[int, int]:
    """Return the left top corner of a label: above the box, else below, else inside it."""
    image_height, image_width = canvas.shape[:2]
    x1, y1, _, y2 = (round(v) for v in face.box)
    left = min(max(x1, 0), image_width - width)
    if y1 >= height:
        return left, y1 - height
    if y2 + height <= image_height:
        return left, y2
    return left, max(y1, 0)


def _line_width(canvas: Image) -> int:
    shorter: int = min(canvas.shape[:2])
    return max(1, round(shorter / 250))


def _fitting_label(canvas: Image, face: FacePrediction) -> _Label | None:
    """Return the label that fits best; None if none is readable in an image so small."""
    height, width = canvas.shape[:2]
    wanted = max(0.45, min(height, width) / 1000)
    identity = "" if face.track is None else f"#{face.track} "
    name = face.emotion.label
    full = f"{identity}{name} {face.score:.2f}"
    # In a small image a label of half the width is better than a large one that hides it.
    for text, scale, share in (
        (full, wanted, 0.5),
        (full, _LEAST_SCALE, 0.5),
        (name, _LEAST_SCALE, 1),
    ):
        label = _measure(text, scale)
        room = 2 * label.padding
        if label.width + room <= share * width and label.height + room <= height / 2:
            return label
    return None


def _measure(text: str, scale: float) -> _Label:
    thickness = max(1, round(scale * 1.6))
    (width, _), descent = cv2.getTextSize(text, _FONT, scale, thickness)
    # Letters such as p and y reach below the line; the padding takes most of it.
    height = round(_FONT_HEIGHT * scale) + descent // 3
    return _Label(text, scale, thickness, width, height)


def _text_colour(background: Colour) -> Colour:
    blue, green, red = background
    luminance = 0.0722 * blue + 0.7152 * green + 0.2126 * red
    return _BLACK if luminance > 110 else _WHITE
