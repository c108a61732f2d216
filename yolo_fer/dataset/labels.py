"""YOLO label files: written for a sample, read as the true faces of an image."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yolo_fer.boxes import cxcywhn_to_xyxy, xyxy_to_cxcywhn
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.samples import Sample, box_array
from yolo_fer.emotions import Emotion
from yolo_fer.reason_counts import ReasonCounts

IGNORED = -1
"""Stands for the emotion of an unlabelled face."""

_SLACK = 0.01  # normalised coordinates that far outside the image are rounding, as in Ultralytics


@dataclass(frozen=True, slots=True, eq=False)
class TrueFaces:
    """The faces of one image that are known to be there.

    Args:
        boxes: (N, 4) corners; in pixels, or as fractions of the image.
        emotions: (N,) emotion ids, `IGNORED` for an unlabelled face.
        normalised: whether the boxes are fractions of the image's width and height, else pixels.
    """

    boxes: NDArray[np.float64]
    emotions: NDArray[np.int8]
    normalised: bool = False

    @classmethod
    def of(
        cls, boxes: list[list[float]], emotions: list[int], *, normalised: bool = False
    ) -> TrueFaces:
        """Build from lists, which may be empty."""
        return cls(
            np.array(boxes, np.float64).reshape(-1, 4), np.array(emotions, np.int8), normalised
        )

    def in_pixels(self, width: int, height: int) -> NDArray[np.float64]:
        """Return the (N, 4) corner boxes in pixels of an image of this size."""
        return (
            self.boxes * np.array([width, height, width, height]) if self.normalised else self.boxes
        )


class _BadRow(ValueError):
    """A label row that cannot be used, for a reason."""

    def __init__(self, reason: DropReason) -> None:
        super().__init__(reason)
        self.reason = reason


def read_yolo_labels(
    path: Path, emotions: Mapping[int, Emotion], foreign: Collection[int], bad: ReasonCounts
) -> TrueFaces | None:
    """Read a label file: rows of `class cx cy w h`, or `class x1 y1 x2 y2 …` for an outline.

    Args:
        path: the path of the label file.
        emotions: the emotion of each class id.
        foreign: class ids that name no emotion; their boxes become ignored faces.
        bad: the counts to which unusable rows are added, by reason; the other rows are used.

    Returns:
        The faces, or None if there is no such file.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        bad.note(DropReason.UNREADABLE_LABEL_FILE, f"{path} ({error})")
        return TrueFaces.of([], [], normalised=True)
    faces: dict[tuple[float, ...], None] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = _parse(line.split(), emotions, foreign)
        except _BadRow as error:
            bad.note(error.reason, _example(path, number, line, error.reason))
            continue
        if row in faces:
            reason = DropReason.DUPLICATE_ROW
            bad.note(reason, _example(path, number, line, reason))
        faces[row] = None
    return TrueFaces.of([list(f[1:]) for f in faces], [int(f[0]) for f in faces], normalised=True)


def _example(path: Path, number: int, line: str, reason: DropReason) -> str:
    """Return where a bad row stands, what it says, and what is probably wrong with it."""
    columns = len(line.split())
    advice = ""
    if "," in line:
        advice = "write spaces, not commas"
    elif reason is DropReason.WRONG_NUMBER_OF_COLUMNS:
        advice = f"{columns} columns; a label has 5: class cx cy w h"
        advice += ", and no score" if columns == 6 else ""
    elif reason is DropReason.OUT_OF_RANGE:
        advice = "coordinates are fractions of the image, from 0 to 1"
    elif reason is DropReason.UNKNOWN_CLASS:
        advice = "the data.yaml has no such class"
    return f"{path}, line {number}: {line.strip()[:60]!r}" + (f" ({advice})" if advice else "")


def _parse(
    row: list[str], emotions: Mapping[int, Emotion], foreign: Collection[int]
) -> tuple[float, ...]:
    """Return the emotion id and the normalised corners of a row."""
    if len(row) != 5 and (len(row) < 7 or len(row) % 2 == 0):
        raise _BadRow(DropReason.WRONG_NUMBER_OF_COLUMNS)
    try:
        class_id, *values = (float(cell) for cell in row)
    except ValueError as error:
        raise _BadRow(DropReason.NOT_A_NUMBER) from error
    if not all(math.isfinite(value) for value in (class_id, *values)):
        raise _BadRow(DropReason.NOT_A_NUMBER)
    if class_id not in emotions and class_id not in foreign:
        raise _BadRow(DropReason.UNKNOWN_CLASS)
    if not all(-_SLACK <= value <= 1 + _SLACK for value in values):
        raise _BadRow(DropReason.OUT_OF_RANGE)
    if len(values) == 4:
        corners = cxcywhn_to_xyxy(np.array([values]), 1, 1)[0]
    else:
        points = np.array(values).reshape(-1, 2)
        corners = np.concatenate([points.min(axis=0), points.max(axis=0)])
    if (corners[2:] <= corners[:2]).any():
        raise _BadRow(DropReason.EMPTY_BOX)
    return (emotions.get(int(class_id), IGNORED), *corners.tolist())


def yolo_label(sample: Sample) -> str:
    """Return the label file of a sample: `class cx cy w h`, normalised; empty for no face."""
    faces = sample.labelled
    boxes = xyxy_to_cxcywhn(box_array(faces), sample.width, sample.height)
    return "".join(
        f"{int(face.emotion or 0)} " + " ".join(f"{v:.6f}" for v in box) + "\n"
        for face, box in zip(faces, boxes.tolist(), strict=True)
    )
