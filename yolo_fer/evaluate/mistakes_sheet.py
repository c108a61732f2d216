"""A contact sheet of the worst mistakes."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import cv2
import numpy as np

from yolo_fer import images
from yolo_fer.errors import ImageError
from yolo_fer.evaluate.mistakes import Mistake, Mistakes
from yolo_fer.files import write_atomically
from yolo_fer.images.fitting import warp

_COLUMNS = 8
_TILE = 144  # pixels
_CAPTION = 48
_HEADING = 30
_GAP = 8
_LONGEST_NAME = 23
_MARGIN = 0.45  # of the box, around it
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_TRUE, _PREDICTED = (90, 160, 0), (0, 60, 220)  # BGR


def draw_mistakes(path: Path, kinds: tuple[Mistakes, ...]) -> None:
    """Write a contact sheet as JPEG: a heading for each kind and its mistakes, numbered."""
    parts = [part for kind in kinds for part in _section(kind)]
    write_atomically(path, images.encode_jpeg(np.concatenate(parts)))


def _section(kind: Mistakes) -> list[images.Image]:
    """Return a heading and as many rows of tiles as there are mistakes for."""
    numbered = enumerate(kind.items, start=1)
    drawn = (_tile(number, item) for number, item in numbered)
    tiles = [tile for tile in drawn if tile is not None]
    heading = _blank(_HEADING, _COLUMNS * (_TILE + _GAP))
    text = kind.title if tiles else f"{kind.title}: none"
    cv2.putText(heading, text, (_GAP // 2, 21), _FONT, 0.6, (0, 0, 0), 1, cv2.LINE_AA)
    rows = [heading]
    for first in range(0, len(tiles), _COLUMNS):
        row = tiles[first : first + _COLUMNS]
        row += [_blank(*row[0].shape[:2])] * (_COLUMNS - len(row))
        rows.append(np.concatenate(row, axis=1))
    return rows


def _tile(number: int, mistake: Mistake) -> images.Image | None:
    """Return the crop with its box and caption, None if the image went away meanwhile."""
    try:
        image = images.read(mistake.image.path)
    except ImageError:
        return None
    x1, y1, x2, y2 = mistake.box
    side = (1 + 2 * _MARGIN) * max(x2 - x1, y2 - y1, 8)
    scale = _TILE / side
    left, top = (x1 + x2 - side) / 2, (y1 + y2 - side) / 2
    window = np.array([[1 / scale, 0, left], [0, 1 / scale, top]])
    tile = _blank(_TILE + _CAPTION, _TILE + _GAP)
    crop = warp(image, window, (_TILE, _TILE), grey=225)
    corners = ((mistake.box - [left, top, left, top]) * scale).round().astype(int).tolist()
    colour = _PREDICTED if mistake.truth is None else _TRUE
    cv2.rectangle(crop, corners[:2], corners[2:], colour, 2, cv2.LINE_AA)
    tile[:_TILE, _GAP // 2 : _GAP // 2 + _TILE] = crop
    for line, (text, size) in enumerate(_caption(number, mistake)):
        origin = (_GAP // 2, _TILE + 13 + 15 * line)
        cv2.putText(tile, text, origin, _FONT, size, (0, 0, 0), 1, cv2.LINE_AA)
    return tile


def _caption(number: int, mistake: Mistake) -> list[tuple[str, float]]:
    """Return lines with the size of their letters: what it is, what it was taken for, the file."""
    x1, y1, x2, y2 = mistake.box
    truth = f"{mistake.truth.label} ->" if mistake.truth is not None else "no known face"
    if mistake.named is None or mistake.score is None:
        named = f"missed, {x2 - x1:.0f}x{y2 - y1:.0f} px"
    elif mistake.truth is None:
        named = f"{mistake.named.label}, score {mistake.score:.2f}"
    else:
        named = f"{mistake.named.label} {100 * mistake.score:.0f} %"
    return [(f"{number}: {truth}", 0.42), (named, 0.42), (_short(mistake.image.name), 0.34)]


def _short(name: str) -> str:
    """Return the end of a path, in the letters that OpenCV has."""
    text = PurePosixPath(name).as_posix().encode("ascii", "replace").decode()
    return text if len(text) <= _LONGEST_NAME else f"...{text[3 - _LONGEST_NAME :]}"


def _blank(height: int, width: int) -> images.Image:
    return np.full((height, width, 3), 255, np.uint8)
