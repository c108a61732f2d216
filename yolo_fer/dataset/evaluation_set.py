"""What is evaluated: the images of one split with their true faces, groups and sources."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from yolo_fer.dataset.boxed_faces import Search, read_search
from yolo_fer.dataset.coco_truth import CocoLabels, read_coco_labels
from yolo_fer.dataset.data_yaml import DataYaml, missing_image, read_data_yaml
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.labels import IGNORED, TrueFaces, read_yolo_labels
from yolo_fer.dataset.layout import coco_path, label_path, name_in
from yolo_fer.errors import FileFault, YoloFerError
from yolo_fer.paths import exists, unescaped
from yolo_fer.reason_counts import ReasonCounts


@dataclass(frozen=True, slots=True, eq=False)
class LabelledImage:
    """One image and what is known of it.

    Args:
        path: the path of the file.
        name: POSIX path from the set's folder, or the whole path of a file outside it.
        image_id: the id of the image in the COCO file, or counted from 1.
        group: images of one group are not independent of each other.
        source: the dataset that it comes from; empty if not known.
        size: width and height that boxes in pixels refer to, None if they were not noted.
        faces: the labelled and the ignored faces.
        record: its row of manifest.csv, empty if it has none.
        all_boxed: whether all its faces are listed, the unlabelled ones too.
    """

    path: Path
    name: str
    image_id: int
    group: str
    source: str
    size: tuple[int, int] | None
    faces: TrueFaces
    record: Mapping[str, str] = field(default_factory=dict)
    all_boxed: bool = False

    @property
    def masked(self) -> bool:
        """Whether the unlabelled faces were painted over."""
        return "masked" in self.record.get("flags", "").split(";")


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationSet:
    """The images of one split.

    Args:
        data_yaml: the data.yaml that it was read from.
        split: the split: `train`, `val` or `test`.
        images: the images of the split, in the order of their paths.
        skipped: images left out, by reason.
        bad_labels: unusable rows of label files or annotations, by reason.
        warnings: what a user should know, a sentence each.
        columns: the columns of its manifest.csv, none without one.
    """

    data_yaml: Path
    split: str
    images: tuple[LabelledImage, ...]
    skipped: ReasonCounts = field(default_factory=ReasonCounts)
    bad_labels: ReasonCounts = field(default_factory=ReasonCounts)
    warnings: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


def read_evaluation_set(data_yaml: Path, split: str) -> EvaluationSet:
    """Read the images of a split with their true faces.

    The COCO file `annotations/instances_{split}.json` is used if it is there, because it alone
    lists unlabelled faces; else the YOLO labels are. Boxes of classes that name no
    emotion become ignored faces: a detector that finds such a face is not wrong. Groups and sources
    come from `manifest.csv`; without it each image is a group of its own.

    All faces of an image are boxed if it is in a COCO file, and conversion_report.json does not say
    that unlabelled faces were left alone (`--unlabelled keep`). Without that report, the COCO file
    has to list an unlabelled face in some image of the same source.

    Raises:
        UsageError: if the data.yaml has no such split.
        YoloFerError: if the data.yaml or the COCO file cannot be used, or no face has an emotion.
    """
    data = read_data_yaml(data_yaml)
    files = data.image_files(split)
    manifest = _read_manifest(data.root)
    path = coco_path(data.root, split)
    found = EvaluationSet(data_yaml, split, ())
    if path.is_file():
        coco = read_coco_labels(path, found.bad_labels)
        images, warnings = _with_coco(files, data, coco, manifest, found.skipped)
    else:
        images, warnings = _with_yolo_labels(files, data, manifest, found)
    if not any((image.faces.emotions != IGNORED).any() for image in images):
        raise YoloFerError(
            f"{data_yaml}: no face with an emotion in the split '{split}' ({len(images)} of "
            f"{len(files)} images); there is nothing to measure"
            + "".join(f"\n  {line}" for line in (*warnings, *_about_bad(found)))
        )
    return EvaluationSet(
        data_yaml,
        split,
        tuple(images),
        found.skipped,
        found.bad_labels,
        (*warnings, *_about_bad(found)),
        manifest.columns,
    )


def _about_bad(found: EvaluationSet) -> list[str]:
    images = found.skipped.lines("images left out")
    return images + found.bad_labels.lines("label rows left out")


def _with_coco(
    files: list[Path], data: DataYaml, coco: CocoLabels, manifest: _Manifest, skipped: ReasonCounts
) -> tuple[list[LabelledImage], list[str]]:
    images = []
    taken: dict[int, Path] = {}
    for path in files:
        record = coco.find(path)
        if record is None:
            there = next(iter(coco.images), "none")
            skipped.note(DropReason.NOT_IN_COCO_FILE, f"{path}; the file names {there}")
            continue
        if record.coco_id in taken:
            raise YoloFerError(
                f"{coco.path}: {taken[record.coco_id]} and {path} have the same record, because "
                "it names images without their folders. Name them by their path from the set's "
                "folder, or remove the file to use the YOLO labels"
            )
        taken[record.coco_id] = path
        name = name_in(data.root, path)
        images.append(manifest.image(path, name, record.coco_id, record.size, record.faces))
    for name, record in coco.images.items():
        if record.coco_id not in taken and not exists(data.root / name):
            skipped.note(FileFault.MISSING_IMAGE, f"{name} of the COCO file")
    search = read_search(data.root, {image.source for image in images})
    warnings = _about_foreign(coco.foreign) + ([search.warning] if search.warning else [])
    return _mark_all_boxed(images, search), warnings


def _mark_all_boxed(images: list[LabelledImage], search: Search) -> list[LabelledImage]:
    """Say of which images, of a COCO file, all faces are known."""
    sources = {image.source for image in images}
    if not search.known:
        sources = {i.source for i in images if (i.faces.emotions == IGNORED).any()}
    whole = sources - search.left_alone
    return [replace(image, all_boxed=image.source in whole) for image in images]


def _with_yolo_labels(
    files: list[Path], data: DataYaml, manifest: _Manifest, found: EvaluationSet
) -> tuple[list[LabelledImage], list[str]]:
    images = []
    without: list[Path] = []
    for number, path in enumerate(files, start=1):
        faces = read_yolo_labels(label_path(path), data.emotions, data.foreign, found.bad_labels)
        if faces is None:
            if not exists(path):
                found.skipped.note(FileFault.MISSING_IMAGE, missing_image(path))
                continue
            without.append(path)
            faces = TrueFaces.of([], [])
        images.append(manifest.image(path, name_in(data.root, path), number, None, faces))
    warnings = [*_about_foreign(tuple(data.foreign.values())), *_about_shared_labels(files)]
    if without:
        warnings.append(
            f"{len(without)} images have no label file; they count as images without faces. For "
            f"example, {without[0]} should have {label_path(without[0])}"
        )
    return images, warnings


def _about_shared_labels(files: list[Path]) -> list[str]:
    """Return a warning of images such as a.jpg and a.png, which share one label file."""
    first: dict[Path, Path] = {}
    shared = [path for path in files if first.setdefault(label_path(path), path) is not path]
    if not shared:
        return []
    label = label_path(shared[0])
    return [
        f"{len(shared)} images share a label file with another one: {first[label]} and {shared[0]} "
        f"both have {label}, so one of them may have the other's faces; rename one"
    ]


def _about_foreign(names: tuple[str, ...]) -> list[str]:
    if not names:
        return []
    return [
        f"the classes {', '.join(names)} name no emotion; their boxes count as unlabelled faces"
    ]


@dataclass(frozen=True, slots=True)
class _Manifest:
    """The rows of a manifest.csv by file, and its columns; both empty if there is none."""

    rows: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    columns: tuple[str, ...] = ()

    def image(
        self, path: Path, name: str, image_id: int, size: tuple[int, int] | None, faces: TrueFaces
    ) -> LabelledImage:
        row = self.rows.get(name, {})
        group, source = row.get("group") or name, row.get("source") or ""
        return LabelledImage(path, name, image_id, group, source, size, faces, row)


def _read_manifest(root: Path) -> _Manifest:
    path = root / "manifest.csv"
    if not path.is_file():
        return _Manifest()
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, restval="")
            rows = [
                {column: unescaped(cell) for column, cell in row.items() if column is not None}
                for row in reader
            ]
            columns = tuple(reader.fieldnames or ())
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise YoloFerError(f"{path} cannot be read: {error}") from error
    if rows and not {"file", "group", "source"} <= set(columns):
        raise YoloFerError(f"{path} lacks a column of file, group, source; convert the set again")
    twice = next((name for name, n in Counter(row["file"] for row in rows).items() if n > 1), None)
    if twice is not None:
        raise YoloFerError(f"{path} has two rows for {twice}; convert the set again")
    return _Manifest({row["file"]: row for row in rows}, columns)
