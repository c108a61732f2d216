"""Reading a set that a conversion or a merge wrote, an image at a time."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from yolo_fer.dataset.checked import whole_number
from yolo_fer.dataset.coco import CocoImage, CocoReader
from yolo_fer.dataset.fingerprint import Fingerprint
from yolo_fer.dataset.layout import REPORT, coco_path, label_file
from yolo_fer.dataset.ledger import SPLITS
from yolo_fer.dataset.set_folder import is_complete
from yolo_fer.dataset.writer import MANIFEST_COLUMNS
from yolo_fer.errors import YoloFerError
from yolo_fer.paths import unescaped
from yolo_fer.runtime.json_yaml import read_json

PARTS = ("manifest.csv", REPORT, "annotations")
_is_sha256 = re.compile(r"[0-9a-f]{64}").fullmatch
MEMBERS = "members:"
"""Begins the flag of a composed scene that has the groups of its crops, joined by `+`."""


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """A row of manifest.csv: an image, where it came from, and what it may not be parted from.

    Args:
        line: the number of the line in the file, 1 being the header.
        file: POSIX path of the image from the set's folder.
        sha256: the SHA-256 hash of the image file.
        source: the name of the dataset.
        source_file: POSIX path of the original from the dataset's root.
        source_sha256: the SHA-256 hash of the original.
        frame: 1-based label line of a video's frame, None for an image.
        group: the name of its group; a group is never shared between splits.
        split: the split: `train`, `val` or `test`.
        faces: the number of labelled faces.
        ignored: the number of unlabelled faces.
        flags: the changes that were made to the image, such as `masked`.
        phash: perceptual hash of the image file in hexadecimal, empty in older sets.
    """

    line: int
    file: str
    sha256: str
    source: str
    source_file: str
    source_sha256: str
    frame: int | None
    group: str
    split: str
    faces: int
    ignored: int
    flags: tuple[str, ...]
    phash: str = ""

    @property
    def fingerprint(self) -> Fingerprint:
        """The hashes of the image file."""
        return Fingerprint(self.sha256, self.phash)

    @property
    def name(self) -> str:
        """POSIX path below `images/{split}/`, without extension."""
        return PurePosixPath(*PurePosixPath(self.file).parts[2:]).with_suffix("").as_posix()

    @property
    def label_file(self) -> str:
        """POSIX path of the label file from the set's folder."""
        return label_file(self.split, self.name)

    @property
    def masked(self) -> bool:
        """Whether faces were painted over."""
        return "masked" in self.flags

    @property
    def members(self) -> tuple[str, ...]:
        """The groups of the crops that a composed scene shows; none for other images."""
        lists = (flag.removeprefix(MEMBERS) for flag in self.flags if flag.startswith(MEMBERS))
        return tuple(member for groups in lists for member in groups.split("+"))


@dataclass(frozen=True, slots=True)
class ConvertedSet:
    """A complete folder that a conversion wrote, with its report."""

    root: Path
    report: dict[str, Any]

    @property
    def boxes(self) -> str:
        """Whose box convention the set has."""
        return str(self.report["options"].get("boxes", ""))

    def rows(self) -> Iterator[ManifestRow]:
        """Yield the rows of manifest.csv.

        Raises:
            YoloFerError: if a row is no row of a manifest; the message names its line.
        """
        path = self.root / "manifest.csv"
        try:
            with path.open(encoding="utf-8", newline="") as file:
                reader = csv.DictReader(file, strict=True)
                names = reader.fieldnames or ()
                if len(set(names)) < len(names):
                    raise ValueError("it has two columns of one name")
                missing = set(MANIFEST_COLUMNS) - set(names) - {"phash"}  # older sets lack it
                if missing:
                    raise ValueError(f"it lacks the columns {', '.join(sorted(missing))}")
                seen: set[str] = set()
                for cells in reader:
                    row = _row(reader.line_num, cells)
                    if row.file in seen:
                        raise ValueError(f"line {row.line}: {row.file} is there twice")
                    seen.add(row.file)
                    yield row
        except (OSError, ValueError, csv.Error) as error:
            raise YoloFerError(f"{path} cannot be used: {error}. Convert the set again") from error

    def images(self) -> Iterator[tuple[ManifestRow, CocoImage]]:
        """Yield each image of the manifest with its faces, as the COCO files list them.

        Raises:
            YoloFerError: if manifest and COCO files do not fit together.
        """
        with ExitStack() as stack:
            coco = {
                split: stack.enter_context(CocoReader(self.coco_path(split))) for split in SPLITS
            }
            for row in self.rows():
                image = coco[row.split].take(row.file)
                problems = coco[row.split].problems
                if image is None or problems:
                    what = problems[0] if problems else f"{row.file} is not in it"
                    raise YoloFerError(
                        f"{self.coco_path(row.split)}: {what}. See `yolo-fer check {self.root}`"
                    )
                yield row, image

    def coco_path(self, split: str) -> Path:
        """Return where the COCO file of a split lies."""
        return coco_path(self.root, split)


def is_converted(root: Path) -> bool:
    """Return whether a folder has anything that only a conversion writes."""
    return any((root / part).exists() for part in PARTS)


def open_converted_set(root: Path) -> ConvertedSet:
    """Open a folder that `yolo-fer convert` or `merge` wrote.

    Raises:
        YoloFerError: if it is none, is not complete, or its report cannot be read.
    """
    if not root.is_dir():
        raise YoloFerError(f"{root} is not a folder; give one that `yolo-fer convert` wrote")
    if not is_converted(root):
        raise YoloFerError(
            f"{root} is not a converted set: it has no {', no '.join(PARTS)}. Give the folder that "
            "`yolo-fer convert` wrote"
        )
    missing = [part for part in PARTS if not (root / part).exists()]
    if not is_complete(root):
        missing.append("data.yaml")
    if missing:
        raise YoloFerError(
            f"{root} is not a complete set: {', '.join(missing)} is missing. Run the conversion "
            "again, with `resume` if it was stopped"
        )
    path = root / REPORT
    try:
        report = read_json(path)
    except (OSError, ValueError) as error:
        raise YoloFerError(f"{path} cannot be read: {error}. Convert the set again") from error
    if not isinstance(report, dict) or not isinstance(report.get("options"), dict):
        raise YoloFerError(f"{path} is not the report of a conversion. Convert the set again")
    return ConvertedSet(root, report)


def _row(line: int, cells: dict[str, Any]) -> ManifestRow:
    try:
        text = {name: unescaped(str(cells.get(name) or "")) for name in MANIFEST_COLUMNS}
        parts = PurePosixPath(text["file"]).parts
        # A path that leads out of the folder must never be copied from or written to.
        if parts[:2] != ("images", text["split"]) or len(parts) < 3 or ".." in parts:
            raise ValueError(f"{text['file']!r} is no image of the split {text['split']!r}")
        if text["split"] not in SPLITS:
            raise ValueError(f"{text['split']!r} is no split")
        for column in ("sha256", "source_sha256", "phash"):
            if not _is_sha256(text[column]) and (text[column] or column == "sha256"):
                raise ValueError(
                    f"the {column} is {text[column][:80]!r}, not 64 hexadecimal digits"
                )
        return ManifestRow(
            line=line,
            file=text["file"],
            sha256=text["sha256"],
            source=text["source"],
            source_file=text["source_file"],
            source_sha256=text["source_sha256"],
            frame=whole_number(text["frame"]) if text["frame"] else None,
            group=text["group"],
            split=text["split"],
            faces=whole_number(text["faces"]),
            ignored=whole_number(text["ignored"]),
            flags=tuple(filter(None, text["flags"].split(";"))),
            phash=text["phash"],
        )
    except ValueError as error:
        raise ValueError(f"line {line}: {error}") from error
