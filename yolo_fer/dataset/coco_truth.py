"""The true faces of a split, from a COCO file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from yolo_fer.dataset import checked
from yolo_fer.dataset.coco import UNLABELLED
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.labels import IGNORED, TrueFaces
from yolo_fer.emotions import match_class_names
from yolo_fer.errors import YoloFerError
from yolo_fer.reason_counts import ReasonCounts
from yolo_fer.runtime.json_yaml import read_json


@dataclass(frozen=True, slots=True, eq=False)
class CocoTruth:
    """One image of a COCO file, with the size that its boxes refer to."""

    coco_id: int
    size: tuple[int, int] | None
    faces: TrueFaces


@dataclass(frozen=True, slots=True, eq=False)
class CocoLabels:
    """The images of a COCO file by `file_name`, and its classes that name no emotion."""

    path: Path
    images: dict[str, CocoTruth]
    foreign: tuple[str, ...]

    def find(self, path: Path) -> CocoTruth | None:
        """Return the image whose `file_name` is the longest end of a path, None for none."""
        parts = path.parts
        names = (str(PurePosixPath(*parts[i:])) for i in range(len(parts)))
        return next((self.images[name] for name in names if name in self.images), None)


def read_coco_labels(path: Path, bad: ReasonCounts) -> CocoLabels:
    """Read a COCO file.

    An annotation with `iscrowd`, or of a class that names no emotion, is a face to be ignored. One
    that is listed in several categories, as our conversions once did, is read once.

    Args:
        path: the path of the file.
        bad: the counts to which unusable annotations are added, by reason.

    Raises:
        YoloFerError: if it is not a COCO file, two of its images have the same id or name, or none
            of its categories names an emotion.
    """
    try:
        content = read_json(path)
        categories = checked.objects(content, "categories")
        classes = [(checked.whole_number(c["id"]), str(c["name"])) for c in categories]
        records = [_record(image) for image in checked.objects(content, "images")]
        annotations = content.get("annotations")
        if not isinstance(annotations, list):
            raise ValueError("it has no list `annotations`")
    except (OSError, ValueError, KeyError) as error:
        raise YoloFerError(
            f"{path} is not a COCO file ({type(error).__name__}: {error}). Convert the set again, "
            "or remove the file to use the YOLO labels"
        ) from error
    _refuse_twice(path, "images have the id", (image_id for image_id, _, _ in records))
    _refuse_twice(path, "images have the file_name", (name for _, name, _ in records))
    _refuse_twice(path, "categories have the id", (class_id for class_id, _ in classes))
    names = dict(classes)
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
    others = tuple(name for name in foreign if name != UNLABELLED["name"])
    return CocoLabels(path, images, others)


def _record(image: dict[str, Any]) -> tuple[int, str, dict[str, Any]]:
    """Return id, POSIX path and record of an image."""
    name = PurePosixPath(str(image["file_name"]).replace("\\", "/"))
    return checked.whole_number(image["id"]), str(name), image


def _refuse_twice(path: Path, what: str, keys: Iterable[Any]) -> None:
    """Refuse what is meant to be looked up by a key that is there twice."""
    seen: set[Any] = set()
    for key in keys:
        if key in seen:
            raise YoloFerError(
                f"{path}: two {what} {str(key)[:120]}, so it is not clear which faces are whose. "
                "Number them, and name images by their path from the set's folder, such as "
                "images/val/a.jpg"
            )
        seen.add(key)


def _annotations(
    annotations: list[Any], images: dict[int, Any], names: dict[int, str], bad: ReasonCounts
) -> Iterator[tuple[int, int, bool, tuple[float, ...]]]:
    """Yield image, category, crowd and corners of the annotations that can be used."""
    for annotation in annotations:
        try:
            image = checked.whole_number(annotation["image_id"])
            category = checked.whole_number(annotation["category_id"])
            x, y, width, height = checked.box(annotation["bbox"])
        except (KeyError, TypeError, ValueError):
            bad.note(DropReason.MALFORMED_ANNOTATION, str(annotation)[:120])
            continue
        corners = (x, y, x + width, y + height)
        reason = None
        if image not in images:
            reason = DropReason.UNKNOWN_IMAGE
        elif category not in names:
            reason = DropReason.UNKNOWN_CLASS
        elif not all(map(math.isfinite, corners)):
            reason = DropReason.NOT_A_NUMBER
        elif width <= 0 or height <= 0:
            reason = DropReason.EMPTY_BOX
        if reason is not None:
            bad.note(reason, str(annotation)[:120])
        else:
            yield image, category, bool(annotation.get("iscrowd", 0)), corners


def _size(record: dict[str, Any]) -> tuple[int, int] | None:
    width, height = record.get("width"), record.get("height")
    return (width, height) if isinstance(width, int) and isinstance(height, int) else None
