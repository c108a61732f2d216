"""A contact sheet of the worst mistakes: wrong names, missed faces, faces where none is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from yolo_fer import images
from yolo_fer.boxes import area
from yolo_fer.emotions import Emotion
from yolo_fer.errors import ImageError
from yolo_fer.evaluate.confusion import MISSED
from yolo_fer.evaluate.matching import Outcome
from yolo_fer.evaluate.measure import Measurement
from yolo_fer.evaluate.observations import Observations

_COLUMNS = 8
_ROWS_OF_A_KIND = 2
_TILE = 144  # pixels
_CAPTION = 34
_HEADING = 30
_GAP = 8
_MARGIN = 0.45  # of the box, around it
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_TRUE, _PREDICTED = (90, 160, 0), (0, 60, 220)  # BGR


@dataclass(frozen=True, slots=True, eq=False)
class _Mistake:
    """One crop: the image, the box that is shown, a caption of two lines and a colour."""

    path: Path
    box: NDArray[np.float64]
    caption: tuple[str, str]
    colour: tuple[int, int, int]


def draw_mistakes(seen: Observations, measurement: Measurement, path: Path) -> None:
    """Write a contact sheet as JPEG.

    Its rows are labelled faces that were named wrong with the highest probability, labelled faces
    that no box found (the largest first), and boxes with the highest score on no known face.
    """
    kinds = (
        ("named wrong, by probability", _named_wrong(seen, measurement)),
        ("missed, by size", _missed(seen, measurement)),
        ("no known face, by score", _false_faces(seen, measurement)),
    )
    parts = [part for title, mistakes in kinds for part in _section(title, mistakes)]
    images.write_atomically(path, images.encode_jpeg(np.concatenate(parts)))


def _named_wrong(seen: Observations, measurement: Measurement) -> Iterator[_Mistake]:
    naming = measurement.naming
    wrong = np.flatnonzero((naming.named != naming.truth) & (naming.named != MISSED))
    for i in wrong[np.argsort(-naming.probability[wrong], kind="stable")]:
        yield _Mistake(
            seen.images[naming.image[i]].path,
            seen.truth_boxes[naming.face[i]],
            (
                f"{Emotion(naming.truth[i]).label} ->",
                f"{Emotion(naming.named[i]).label} {100 * naming.probability[i]:.0f} %",
            ),
            _TRUE,
        )


def _missed(seen: Observations, measurement: Measurement) -> Iterator[_Mistake]:
    naming = measurement.naming
    missed = np.flatnonzero(naming.named == MISSED)
    sizes = area(seen.truth_boxes[naming.face[missed]])
    for i in missed[np.argsort(-sizes, kind="stable")]:
        box = seen.truth_boxes[naming.face[i]]
        size = f"{box[2] - box[0]:.0f}x{box[3] - box[1]:.0f} px"
        caption = (f"{Emotion(naming.truth[i]).label} ->", f"missed, {size}")
        yield _Mistake(seen.images[naming.image[i]].path, box, caption, _TRUE)


def _false_faces(seen: Observations, measurement: Measurement) -> Iterator[_Mistake]:
    false = np.flatnonzero(measurement.faces.outcome[:, 0] == Outcome.FALSE)
    for i in false[np.argsort(-seen.face_scores[false], kind="stable")]:
        best = Emotion(int(seen.scores[i].argmax()))
        caption = (f"no known face, {seen.face_scores[i]:.2f} ->", best.label)
        yield _Mistake(seen.images[seen.box_image[i]].path, seen.boxes[i], caption, _PREDICTED)


def _section(title: str, mistakes: Iterator[_Mistake]) -> list[images.Image]:
    """Return a heading and as many rows of tiles as there are mistakes for, two at most."""
    drawn = (tile for tile in map(_tile, mistakes) if tile is not None)
    tiles = list(islice(drawn, _COLUMNS * _ROWS_OF_A_KIND))
    heading = _blank(_HEADING, _COLUMNS * (_TILE + _GAP))
    text = title if tiles else f"{title}: none"
    cv2.putText(heading, text, (_GAP // 2, 21), _FONT, 0.6, (0, 0, 0), 1, cv2.LINE_AA)
    rows = [heading]
    for first in range(0, len(tiles), _COLUMNS):
        row = tiles[first : first + _COLUMNS]
        row += [_blank(*row[0].shape[:2])] * (_COLUMNS - len(row))
        rows.append(np.concatenate(row, axis=1))
    return rows


def _tile(mistake: _Mistake) -> images.Image | None:
    """Return the crop with its box and caption, None if the image went away meanwhile."""
    try:
        image = images.read(mistake.path)
    except ImageError:
        return None
    x1, y1, x2, y2 = mistake.box
    side = (1 + 2 * _MARGIN) * max(x2 - x1, y2 - y1, 8)
    scale = _TILE / side
    left, top = (x1 + x2 - side) / 2, (y1 + y2 - side) / 2
    shift = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]])
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    tile = _blank(_TILE + _CAPTION, _TILE + _GAP)
    crop = cv2.warpAffine(image, shift, (_TILE, _TILE), flags=flags, borderValue=(225, 225, 225))
    corners = ((mistake.box - [left, top, left, top]) * scale).round().astype(int).tolist()
    cv2.rectangle(crop, corners[:2], corners[2:], mistake.colour, 2, cv2.LINE_AA)
    tile[:_TILE, _GAP // 2 : _GAP // 2 + _TILE] = crop
    for line, text in enumerate(mistake.caption):
        origin = (_GAP // 2, _TILE + 13 + 15 * line)
        cv2.putText(tile, text, origin, _FONT, 0.42, (0, 0, 0), 1, cv2.LINE_AA)
    return tile


def _blank(height: int, width: int) -> images.Image:
    return np.full((height, width, 3), 255, np.uint8)
