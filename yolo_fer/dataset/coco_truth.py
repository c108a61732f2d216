"""The true faces of a split, from a COCO file."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from yolo_fer.dataset.labels import IGNORED, TrueFaces
from yolo_fer.emotions import match_class_names
from yolo_fer.errors import YoloFerError


@dataclass(frozen=True, slots=True, eq=False)
class CocoTruth:
    """One image of a COCO file, with the size that its boxes refer to."""

    coco_id: int
    size: tuple[int, int] | None
    faces: TrueFaces


@dataclass(frozen=True, slots=True, eq=False)
class CocoLabels:
    """The images of a COCO file by `file_name`, and its classes that name no emotion."""

    images: dict[str, CocoTruth]
    foreign: tuple[str, ...]

    def find(self, path: Path) -> CocoTruth | None:
        """Return the image whose `file_name` is the longest end of a path, None for none."""
        parts = path.parts
        names = (str(PurePosixPath(*parts[i:])) for i in range(1, len(parts)))
        return next((self.images[name] for name in names if name in self.images), None)


def read_coco_labels(path: Path, bad: Counter[str]) -> CocoLabels:
    """Read a COCO file.

    An annotation with `iscrowd`, or of a class that names no emotion, is a face to be ignored. One
    that is listed in several categories, as our conversions do, is read once.

    Args:
        path: of the file.
        bad: takes the number of unusable annotations, by reason.

    Raises:
        YoloFerError: if it is not a COCO file, or none of its categories names an emotion.
    """
    try:
        content = json.loads(path.read_bytes())
        names = {int(c["id"]): str(c["name"]) for c in content["categories"]}
        records = [
            (int(image["id"]), str(image["file_name"]), image) for image in content["images"]
        ]
        annotations = content["annotations"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise YoloFerError(
            f"{path} is not a COCO file ({type(error).__name__}: {error}). Convert the set again, "
            "or remove the file to use the YOLO labels"
        ) from error
    try:
        emotions, foreign = match_class_names(names)
    except YoloFerError as error:
        raise YoloFerError(f"{path}: {error}") from error
    faces: dict[int, dict[tuple[float, ...], None]] = {image_id: {} for image_id, _, _ in records}
    labelled: dict[int, list[tuple[float, ...]]] = {image_id: [] for image_id, _, _ in records}
    for image_id, category, crowd, corners in _annotations(annotations, faces, names, bad):
        emotion = IGNORED if crowd or category not in emotions else int(emotions[category])
        if emotion == IGNORED:
            faces[image_id][corners] = None
        else:
            labelled[image_id].append((emotion, *corners))
    images = {}
    for image_id, file_name, record in records:
        ignored = [(IGNORED, *corners) for corners in faces[image_id]]
        rows = labelled[image_id] + ignored
        truth = TrueFaces.of([list(row[1:]) for row in rows], [int(row[0]) for row in rows])
        images[file_name] = CocoTruth(image_id, _size(record), truth)
    return CocoLabels(images, tuple(foreign))


def _annotations(
    annotations: Any, images: dict[int, Any], names: dict[int, str], bad: Counter[str]
) -> Iterator[tuple[int, int, bool, tuple[float, ...]]]:
    """Yield image, category, crowd and corners of the annotations that can be used."""
    for annotation in annotations:
        try:
            image, category = int(annotation["image_id"]), int(annotation["category_id"])
            x, y, width, height = (float(value) for value in annotation["bbox"])
            crowd = bool(annotation.get("iscrowd", 0))
        except (KeyError, TypeError, ValueError, AttributeError):
            bad["malformed_annotation"] += 1
            continue
        if image not in images:
            bad["unknown_image"] += 1
        elif category not in names:
            bad["unknown_class"] += 1
        elif not all(math.isfinite(v) for v in (x, y, width, height)):
            bad["not_a_number"] += 1
        elif width <= 0 or height <= 0:
            bad["empty_box"] += 1
        else:
            yield image, category, crowd, (x, y, x + width, y + height)


def _size(record: dict[str, Any]) -> tuple[int, int] | None:
    width, height = record.get("width"), record.get("height")
    return (width, height) if isinstance(width, int) and isinstance(height, int) else None
