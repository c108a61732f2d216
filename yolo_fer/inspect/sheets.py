"""Contact sheets: faces of one split and emotion with their boxes, names and surroundings."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from pathlib import PurePosixPath

import cv2
import numpy as np

from yolo_fer import images
from yolo_fer.dataset.samples import Face
from yolo_fer.errors import ImageError
from yolo_fer.images.fitting import warp
from yolo_fer.inspect.sampling import SampledFace
from yolo_fer.outputs.drawing import Colour
from yolo_fer.palette import BGR

_TILE = 240  # pixels
_CAPTION = 20
_HEADING = 36
_GAP = 6
_COLUMNS = 6
_SURROUNDINGS = 3.5  # sides of the face that a tile shows, if the image has so much
_DASH = 7
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_BLACK: Colour = (0, 0, 0)
_WHITE: Colour = (255, 255, 255)
_PAPER = 250


def draw_sheet(sampled_faces: Sequence[SampledFace], title: str) -> images.Image:
    """Draw a contact sheet: (height, width, 3) BGR.

    The face that is meant has a thick frame, others a thin one, both in their emotion's colour with
    its name; unlabelled faces are dashed, and crossed out if they were painted over.
    """
    rows = max(1, ceil(len(sampled_faces) / _COLUMNS))
    step = _TILE + _GAP
    size = (_HEADING + rows * (step + _CAPTION), _COLUMNS * step + _GAP, 3)
    sheet: images.Image = np.full(size, _PAPER, np.uint8)
    _write(sheet, title, (_GAP, 25), 0.62)
    for number, sampled_face in enumerate(sampled_faces):
        row, column = divmod(number, _COLUMNS)
        top, left = _HEADING + row * (step + _CAPTION), _GAP + column * step
        sheet[top : top + _TILE, left : left + _TILE] = _tile(sampled_face)
        _write(sheet, _caption(sampled_face.name), (left, top + _TILE + 14), 0.38)
    return sheet


def _tile(sampled_face: SampledFace) -> images.Image:
    """Return the face with its surroundings; a grey tile says why if the image cannot be read."""
    try:
        image = images.read(sampled_face.path)
    except ImageError as error:
        tile: images.Image = np.full((_TILE, _TILE, 3), 200, np.uint8)
        _write(tile, error.reason, (10, _TILE // 2), 0.5)
        return tile
    height, width = image.shape[:2]
    box = sampled_face.faces[sampled_face.face].box
    side = min(_SURROUNDINGS * max(box.x2 - box.x1, box.y2 - box.y1), max(height, width))
    left = _start((box.x1 + box.x2) / 2, side, width)
    top = _start((box.y1 + box.y2) / 2, side, height)
    scale = _TILE / side
    window = np.array([[1 / scale, 0, left], [0, 1 / scale, top]])
    # `warp` does not average what it shrinks: the image is shrunk first, then cut
    if scale < 1:
        small = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), np.uint8)
        window *= [[small[0] / width], [small[1] / height]]
    tile = warp(image, window, (_TILE, _TILE), grey=_PAPER)
    meant = sampled_face.faces[sampled_face.face]
    for face in sorted(sampled_face.faces, key=lambda face: face is meant):  # the meant one on top
        _draw_face(tile, face, left, top, scale, masked=sampled_face.masked, meant=face is meant)
    return tile


def _start(centre: float, side: float, length: int) -> float:
    """Return where a window begins: around the centre but inside the image, if it is smaller."""
    if side >= length:
        return (length - side) / 2
    return min(max(centre - side / 2, 0), length - side)


def _draw_face(
    tile: images.Image,
    face: Face,
    left: float,
    top: float,
    scale: float,
    *,
    masked: bool,
    meant: bool,
) -> None:
    box = face.box
    start = (round((box.x1 - left) * scale), round((box.y1 - top) * scale))
    end = (round((box.x2 - left) * scale), round((box.y2 - top) * scale))
    if face.emotion is None:
        _dashed(tile, start, end)
        if masked:
            cv2.line(tile, start, end, _WHITE, 1, cv2.LINE_AA)
        _name(tile, "masked" if masked else "ignored", start, end, _WHITE)
        return
    colour = BGR[face.emotion]
    cv2.rectangle(tile, start, end, _BLACK, 5 if meant else 3)
    cv2.rectangle(tile, start, end, colour, 3 if meant else 1)
    _name(tile, face.emotion.label, start, end, colour)


def _dashed(tile: images.Image, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Draw a rectangle of white dashes on black, to be seen on anything."""
    cv2.rectangle(tile, start, end, _BLACK, 2)
    (x1, y1), (x2, y2) = start, end
    for x in range(x1, x2, 2 * _DASH):
        for y in (y1, y2):
            cv2.line(tile, (x, y), (min(x + _DASH, x2), y), _WHITE, 2)
    for y in range(y1, y2, 2 * _DASH):
        for x in (x1, x2):
            cv2.line(tile, (x, y), (x, min(y + _DASH, y2)), _WHITE, 2)


def _name(
    tile: images.Image, text: str, start: tuple[int, int], end: tuple[int, int], colour: Colour
) -> None:
    """Write a name above a box, or below it where there is no room."""
    (width, height), _ = cv2.getTextSize(text, _FONT, 0.4, 1)
    x = min(max(start[0], 0), max(_TILE - width - 4, 0))
    y = start[1] - height - 5 if start[1] >= height + 5 else min(end[1], _TILE - height - 5)
    if not (-_TILE < y < _TILE) or start[0] >= _TILE or end[0] <= 0 or end[1] <= 0:
        return
    cv2.rectangle(tile, (x, y), (x + width + 3, y + height + 5), colour, cv2.FILLED)
    blue, green, red = colour
    dark = 0.0722 * blue + 0.7152 * green + 0.2126 * red > 110
    _write(tile, text, (x + 2, y + height + 2), 0.4, _BLACK if dark else _WHITE)


def _caption(name: str) -> str:
    stem = PurePosixPath(*PurePosixPath(name).parts[2:]).as_posix().encode("ascii", "replace")
    text = stem.decode()
    return text if len(text) <= 36 else f"...{text[-33:]}"


def _write(
    canvas: images.Image, text: str, place: tuple[int, int], scale: float, colour: Colour = _BLACK
) -> None:
    cv2.putText(canvas, text, place, _FONT, scale, colour, 1, cv2.LINE_AA)
