"""Drawing faces into images: a box and a label for each, readable at any size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from yolo_fer.boxes import Boxes, intersection
from yolo_fer.images import Image
from yolo_fer.palette import BGR
from yolo_fer.results import FacePrediction, boxes_of

Colour = tuple[int, int, int]
"""Blue, green, red, each 0 to 255."""

_BLACK: Colour = (0, 0, 0)
_WHITE: Colour = (255, 255, 255)
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_FONT_HEIGHT = 21  # of a capital letter at scale 1, in pixels
_LEAST_SCALE = 0.35  # below it the letters run into each other
_USUAL_SCALE = 0.45
_WIDTH_FOR_SCALE_1 = 130  # pixels of a face whose label may have letters of scale 1
_SCALE_STEP = 0.15
_LEAST_FOR_RIM = 160  # pixels of the image's shorter side; a smaller one would be hidden by it


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

    @property
    def full_width(self) -> int:
        return self.width + 2 * self.padding

    @property
    def full_height(self) -> int:
        return self.height + 2 * self.padding

    def box(self, left: int, top: int) -> Boxes:
        return np.array([[left, top, left + self.full_width, top + self.full_height]])


def annotate(image: Image, faces: Sequence[FacePrediction]) -> Image:
    """Return a copy of an image with its faces drawn in; the best face lies on top.

    A label says which face it is: the number of the track or, where several faces were found in
    one image, the place in the list, counted from 1. It never covers another label: where there is
    no room it becomes the number alone, or is left out. Faces that were tracked longer come first,
    so that labels stay where they are.

    Args:
        image: (height, width, 3) BGR, 0 to 255.
        faces: the faces, in the order in which they are numbered, with boxes in pixels of this
            image.
    """
    canvas = image.copy()
    numbered = list(enumerate(faces, start=1))
    for _, face in sorted(numbered, key=lambda one: one[1].score):
        _draw_box(canvas, face)
    boxes = boxes_of(faces)
    taken = np.zeros((0, 4))
    for number, face in sorted(numbered, key=lambda one: _label_order(one[1])):
        identity, others = (
            face_number(face, number, len(faces)),
            np.delete(boxes, number - 1, axis=0),
        )
        placed = _find_room(canvas, face, identity, taken, others)
        if placed is not None:
            label, left, top = placed
            _draw_label(canvas, label, left, top, BGR[face.emotion])
            taken = np.concatenate([taken, label.box(left, top)])
    return canvas


def _draw_box(canvas: Image, face: FacePrediction) -> None:
    height, width = canvas.shape[:2]
    thickness = _line_width(canvas)
    x1, y1, x2, y2 = (round(v) for v in face.box)
    # Lines are drawn centred: moved inwards, none of it is lost at the image's edge.
    inset = thickness // 2 + 1
    start = (min(max(x1, inset), width - 1), min(max(y1, inset), height - 1))
    end = (max(min(x2, width - 1 - inset), 0), max(min(y2, height - 1 - inset), 0))
    if min(height, width) >= _LEAST_FOR_RIM:  # it keeps a light box visible on a light image
        cv2.rectangle(canvas, start, end, _BLACK, thickness + 2)
    cv2.rectangle(canvas, start, end, BGR[face.emotion], thickness)


def _label_order(face: FacePrediction) -> tuple[float, float]:
    return (np.inf if face.track is None else face.track), -face.score


def face_number(face: FacePrediction, number: int, faces: int) -> str:
    """Return which face of an image a label means; nothing has to be said of a single face.

    Args:
        face: the face; one that is followed has the number of its track, as in `#3`.
        number: its place in the list, from 1.
        faces: the number of faces in the image.
    """
    if face.track is not None:
        return f"#{face.track}"
    return f"{number}" if faces > 1 else ""


def _find_room(
    canvas: Image, face: FacePrediction, identity: str, taken: Boxes, others: Boxes
) -> tuple[_Label, int, int] | None:
    """Return a label with its left top corner, None if there is no room for any.

    Places that hide no other face come first.
    """
    for hidden in (np.concatenate([taken, others]), taken):
        for label in _fitting_labels(canvas, face, identity):
            for left, top in _places(canvas, face, label):
                if not intersection(label.box(left, top), hidden).any():
                    return label, left, top
    return None


def _places(canvas: Image, face: FacePrediction, label: _Label) -> Iterator[tuple[int, int]]:
    """Yield left top corners of a label: above the box, below, next to it, inside it.

    Above and below, it begins or ends with the box.
    """
    image_height, image_width = canvas.shape[:2]
    x1, y1, x2, y2 = (round(v) for v in face.box)
    most_left, most_top = image_width - label.full_width, image_height - label.full_height
    lefts = [min(max(left, 0), most_left) for left in (x1, x2 - label.full_width)]
    if y1 >= label.full_height:
        yield from ((left, min(y1, image_height) - label.full_height) for left in lefts)
    if y2 <= most_top:
        yield from ((left, max(y2, 0)) for left in lefts)
    top = min(max(y1, 0), most_top)
    if x2 <= most_left:
        yield max(x2, 0), top
    if x1 >= label.full_width:
        yield min(x1, image_width) - label.full_width, top
    yield lefts[0], top


def _draw_label(canvas: Image, label: _Label, left: int, top: int, colour: Colour) -> None:
    corner = (left + label.full_width - 1, top + label.full_height - 1)
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


def _line_width(canvas: Image) -> int:
    shorter: int = min(canvas.shape[:2])
    # A line of one pixel vanishes in a compressed video, which halves the resolution of colours.
    return max(1 if shorter < _LEAST_FOR_RIM else 2, round(shorter / 250))


def _fitting_labels(canvas: Image, face: FacePrediction, identity: str) -> Iterator[_Label]:
    """Yield the labels that are readable in an image of this size, the one that says most first."""
    height, width = canvas.shape[:2]
    scale = _text_scale(canvas, face)
    name = f"{identity} {face.emotion.label}".lstrip()
    full = f"{identity} {face.caption}".lstrip()
    # In a small image a label of half the width is better than a large one that hides it.
    for text, text_scale, share in (
        (full, scale, 0.5),
        (full, _LEAST_SCALE, 0.5),
        (name, _LEAST_SCALE, 1),
        (identity, scale, 0.5),
    ):
        label = _measure(text, text_scale)
        if text and label.full_width <= share * width and label.full_height <= height / 2:
            yield label


def _text_scale(canvas: Image, face: FacePrediction) -> float:
    """Return a size of letters that suits the image and, in a large one, the face."""
    wanted = max(_USUAL_SCALE, min(canvas.shape[:2]) / 1000)
    suits_face = (face.box[2] - face.box[0]) / _WIDTH_FOR_SCALE_1
    # In steps, or letters would change their size with every movement.
    return float(min(wanted, max(_USUAL_SCALE, round(suits_face / _SCALE_STEP) * _SCALE_STEP)))


def _measure(text: str, scale: float) -> _Label:
    thickness = max(1, round(scale * 2.1))
    (width, _), descent = cv2.getTextSize(text, _FONT, scale, thickness)
    # Letters such as p and y reach below the line; the padding takes most of it.
    height = round(_FONT_HEIGHT * scale) + descent // 3
    return _Label(text, scale, thickness, width, height)


def _text_colour(background: Colour) -> Colour:
    blue, green, red = background
    luminance = 0.0722 * blue + 0.7152 * green + 0.2126 * red
    return _BLACK if luminance > 110 else _WHITE
