"""WIDER FACE's boxes, as RetinaFace's authors distribute them: a label.txt next to images/.

A line `# name` starts an image, which lies at images/name; each line below it is a face: left, top,
width and height in whole pixels, perhaps followed by landmarks. Yang et al., "WIDER FACE: A Face
Detection Benchmark", CVPR 2016.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yolo_fer import images
from yolo_fer.boxes import xywh_to_xyxy
from yolo_fer.errors import ImageError, YoloFerError

LABELS, IMAGES = "label.txt", "images"
EDGE = 4.0
"""Pixels by which a careless label may pass the image's edge."""
_MANY = 0.1  # of the images


@dataclass(frozen=True, slots=True)
class WiderImage:
    """An image with all its faces.

    Args:
        path: the path of the image.
        boxes: (N, 4) left, top, right, bottom in pixels.
        empty: how many boxes without any area were left out.
    """

    path: Path
    boxes: NDArray[np.float64]
    empty: int


def read_wider(folder: Path) -> Iterator[WiderImage]:
    """Read the boxes of a folder with label.txt and images/; images are not opened.

    Raises:
        YoloFerError: if there is no label.txt, it names no image, or a line is not understood.
    """
    path = folder / LABELS
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise YoloFerError(
            f"{path} cannot be read ({error}). Give the folder that has {LABELS} and {IMAGES}/ in "
            "it, such as val/ of RetinaFace's edition of WIDER FACE"
        ) from error
    name: str | None = None
    rows: list[list[float]] = []
    for number, line in enumerate(map(str.strip, lines), start=1):
        if line.startswith("#"):
            if name is not None:
                yield _image(folder, name, rows)
            name, rows = line[1:].strip(), []
        elif line:
            if name is None:
                raise YoloFerError(f"{path}, line {number}: a face before the first '# name'")
            rows.append(_numbers(path, number, line))
    if name is None:
        raise YoloFerError(f"{path} names no image; a line '# name' should start each")
    yield _image(folder, name, rows)


def is_resized(labelled: Iterable[WiderImage]) -> bool:
    """Tell whether labels are about larger images than there are: one in ten shows it."""
    seen = beyond = 0
    for item in labelled:
        try:
            height, width = images.read(item.path).shape[:2]
        except ImageError:
            continue
        seen += 1
        corners = item.boxes[:, 2:]
        beyond += bool((corners > np.array([width, height]) + EDGE).any())
    return beyond > _MANY * seen


def _numbers(path: Path, number: int, line: str) -> list[float]:
    try:
        values = [float(word) for word in line.split()[:4]]
    except ValueError:
        values = []
    if len(values) < 4 or not np.isfinite(values).all():
        raise YoloFerError(f"{path}, line {number}: {line!r} is not left, top, width, height")
    return values


def _image(folder: Path, name: str, rows: list[list[float]]) -> WiderImage:
    xywh = np.array(rows, dtype=np.float64).reshape(-1, 4)
    real = (xywh[:, 2:] > 0).all(axis=1)
    boxes = np.asarray(xywh_to_xyxy(xywh[real]), np.float64)
    return WiderImage(folder / IMAGES / name, boxes, int((~real).sum()))
