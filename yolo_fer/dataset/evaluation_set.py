"""What is evaluated: the images of one split with their true faces, groups and sources."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from yolo_fer.dataset.coco_truth import CocoLabels, read_coco_labels
from yolo_fer.dataset.data_yaml import DataYaml, read_data_yaml
from yolo_fer.dataset.labels import IGNORED, TrueFaces, read_yolo_labels
from yolo_fer.errors import YoloFerError


@dataclass(frozen=True, slots=True, eq=False)
class LabelledImage:
    """One image and what is known of it.

    Args:
        path: of the file.
        name: POSIX path from the set's folder, or the whole path of a file outside it.
        image_id: of the COCO file, or counted from 1.
        group: images of one group are not independent of each other.
        source: the dataset that it comes from; empty if not known.
        size: width and height that boxes in pixels refer to, None if they were not noted.
        faces: the true faces.
    """

    path: Path
    name: str
    image_id: int
    group: str
    source: str
    size: tuple[int, int] | None
    faces: TrueFaces


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationSet:
    """The images of one split.

    Args:
        data_yaml: where it was read from.
        split: `train`, `val` or `test`.
        images: in the order of their paths.
        skipped: images left out, by reason.
        bad_labels: unusable rows of label files or annotations, by reason.
        warnings: what a person should know.
    """

    data_yaml: Path
    split: str
    images: tuple[LabelledImage, ...]
    skipped: Counter[str] = field(default_factory=Counter)
    bad_labels: Counter[str] = field(default_factory=Counter)
    warnings: tuple[str, ...] = ()


def read_evaluation_set(data_yaml: Path, split: str) -> EvaluationSet:
    """Read the images of a split with their true faces.

    The COCO file `annotations/instances_{split}.json` is used if it is there, because it alone
    lists faces that nobody labelled; else the YOLO labels are. Boxes of classes that name no
    emotion become ignored faces: a detector that finds such a face is not wrong. Groups and sources
    come from `manifest.csv`; without it each image is a group of its own.

    Raises:
        UsageError: if the data.yaml has no such split.
        YoloFerError: if the data.yaml or the COCO file cannot be used, or no face has an emotion.
    """
    data = read_data_yaml(data_yaml)
    files = data.image_files(split)
    coco_path = data.root / "annotations" / f"instances_{split}.json"
    found = EvaluationSet(data_yaml, split, ())
    if coco_path.is_file():
        coco = read_coco_labels(coco_path, found.bad_labels)
        images, warnings = _with_coco(files, data, coco, found.skipped)
    else:
        images, warnings = _with_yolo_labels(files, data, found.bad_labels)
    if not any((image.faces.emotions != IGNORED).any() for image in images):
        raise YoloFerError(
            f"{data_yaml}: no face with an emotion in the split '{split}' "
            f"({len(images)} images); there is nothing to measure"
        )
    return EvaluationSet(
        data_yaml, split, tuple(images), found.skipped, found.bad_labels, tuple(warnings)
    )


def _with_coco(
    files: list[Path], data: DataYaml, coco: CocoLabels, skipped: Counter[str]
) -> tuple[list[LabelledImage], list[str]]:
    origins = _read_manifest(data.root)
    images = []
    for path in files:
        record = coco.find(path)
        if record is None:
            skipped["not_in_coco_file"] += 1
            continue
        name = _name(path, data.root)
        group, source = origins.get(name, (name, ""))
        images.append(
            LabelledImage(path, name, record.coco_id, group, source, record.size, record.faces)
        )
    missing = len(coco.images) - len({image.image_id for image in images})
    if missing:
        skipped["missing_image"] += missing
    return images, _about_foreign(coco.foreign)


def _with_yolo_labels(
    files: list[Path], data: DataYaml, bad: Counter[str]
) -> tuple[list[LabelledImage], list[str]]:
    origins = _read_manifest(data.root)
    images = []
    without = 0
    for number, path in enumerate(files, start=1):
        faces = read_yolo_labels(label_path(path), data.emotions, data.foreign, bad)
        if faces is None:
            without += 1
            faces = TrueFaces.of([], [])
        name = _name(path, data.root)
        group, source = origins.get(name, (name, ""))
        images.append(LabelledImage(path, name, number, group, source, None, faces))
    warnings = _about_foreign(tuple(data.foreign.values()))
    if without:
        warnings.append(f"{without} images have no label file; they count as images without faces")
    return images, warnings


def label_path(image: Path) -> Path:
    """Return where the label file of an image lies: its last folder `images` becomes `labels`."""
    parts = list(image.parts)
    for i in reversed(range(len(parts) - 1)):
        if parts[i] == "images":
            parts[i] = "labels"
            break
    return Path(*parts).with_suffix(".txt")


def _name(path: Path, root: Path) -> str:
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _about_foreign(names: tuple[str, ...]) -> list[str]:
    if not names:
        return []
    return [
        f"the classes {', '.join(names)} name no emotion; their boxes count as faces that nobody "
        "labelled"
    ]


def _read_manifest(root: Path) -> dict[str, tuple[str, str]]:
    """Return group and source of each file of a manifest, nothing if there is none."""
    path = root / "manifest.csv"
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise YoloFerError(f"{path} cannot be read: {error}") from error
    if rows and not {"file", "group", "source"} <= rows[0].keys():
        raise YoloFerError(f"{path} lacks a column of file, group, source; convert the set again")
    return {row["file"]: (row["group"] or row["file"], row["source"] or "") for row in rows}
