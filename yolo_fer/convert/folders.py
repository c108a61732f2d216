"""`convert folders`: the whole conversion of a folder per emotion.

A face finder looks at every image. Where the largest face fills the image, it is a crop, and is
composed into a scene; other images are copied with the box of that face, to which the label
belongs. Nothing else is known of the other faces: they are treated as in ExpW.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from yolo_fer import boxes
from yolo_fer.convert.assemble import LabelledBox, assemble
from yolo_fer.convert.crops import (
    NEAR_ALIGNED,
    TIGHT,
    Crop,
    drop_conflict,
    load_crop,
    select_crops,
)
from yolo_fer.convert.folders_source import FolderImage, find_images
from yolo_fer.convert.grouping import Candidate, Dealt, deal
from yolo_fer.convert.rules import BoxConvention, Rules, Unlabelled
from yolo_fer.convert.scan import FinderChoice, Scan
from yolo_fer.convert.scenes.composing import DEFAULT_LONG_SIDE, compose
from yolo_fer.convert.steps import (
    CHUNK,
    Progress,
    make_report,
    no_face_left,
    no_progress,
    scan_all,
    write_all,
)
from yolo_fer.dataset.duplicates import NEAR
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.dataset.samples import Box, Sample
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.dataset.writer import ImageTask, WriteTask, finish, open_folder, writing
from yolo_fer.runtime.executor import Workers
from yolo_fer.runtime.journal import Journal

# A face whose box has this share of the image's shorter side fills the image. Tight and aligned
# crops have 0.95 and more; of ExpW's images, which are none, one in ten has 0.65.
_FILLS = 0.7
_MISTAKEN = 0.4  # a smaller face in what the user calls a crop is not the face
_AS_LARGE = 0.7  # of the largest face's area: nobody can say which of the two has the label


class Kind(StrEnum):
    """What the images of a folder are."""

    AUTO = "auto"
    CROPS = "crops"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class FoldersOptions:
    """How a folder per emotion is converted.

    Args:
        name: of the dataset, for the manifest.
        group_by: found in a file's path, it names the person; None if no name tells.
        kind: whether the images are crops of faces; `auto` looks at each.
        unlabelled: what happens to faces beside the labelled one.
        boxes: whose box convention the set has.
        finder: which face finder looks at the images.
        shares: of the groups for val and test, where the folders have no splits of their own.
        long_side: of composed scenes, in pixels.
        seed: of the split and of the scenes.
    """

    name: str = "folders"
    group_by: re.Pattern[str] | None = None
    kind: Kind = Kind.AUTO
    unlabelled: Unlabelled = Unlabelled.MASK
    boxes: BoxConvention = BoxConvention.EXPW
    finder: FinderChoice = field(
        default_factory=lambda: FinderChoice("retinaface", "cpu", 0.5, margin=True)
    )
    shares: SplitShares = field(default_factory=SplitShares)
    long_side: int = DEFAULT_LONG_SIDE
    seed: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return what decides the result; devices and worker counts do not."""
        return {
            "name": self.name,
            "group_by": self.group_by.pattern if self.group_by else None,
            "kind": str(self.kind),
            "unlabelled": str(self.unlabelled),
            "boxes": str(self.boxes),
            "finder": self.finder.name,
            "face_score": self.finder.threshold,
            "val": self.shares.val,
            "test": self.shares.test,
            "long_side": self.long_side,
            "seed": self.seed,
        }


@dataclass(frozen=True, slots=True)
class _Seen:
    """An image that can be used: what its path says, what was seen in it, and the face's box."""

    image: FolderImage
    scan: Scan
    box: Box
    is_crop: bool


def convert_folders(
    root: Path,
    out: Path,
    options: FoldersOptions,
    *,
    workers: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress[Any] = no_progress,
) -> dict[str, Any] | None:
    """Convert a folder per emotion to a YOLO folder.

    Args:
        root: the folder that holds the others; it is only read.
        out: the folder to write.
        options: how.
        workers: processes.
        resume: go on with a conversion that was stopped; the result has the same bytes.
        overwrite: replace an earlier conversion.
        progress: wraps an iterable of known length to show how far it is.

    Returns:
        What conversion_report.json holds, or None if there was nothing left to do.

    Raises:
        YoloFerError: if nothing can be read or written, or no face is left.
    """
    found = find_images(root, options.group_by, out)
    options.finder.load()  # a wrong name or device is told before anything is written
    work = open_folder(out, root, options.to_json(), resume=resume, overwrite=overwrite)
    if work is None:
        return None
    ledger = Ledger(rows_in=len(found))
    named = [image for image in found if image.emotion is not None]
    for image in found:
        if image.emotion is None:
            detail = f"the folder '{image.folder}' names none of the seven emotions"
            ledger.drop(image.number, image.file, "other_class", detail)
    with Workers(min(workers, -(-len(named) // CHUNK))) as pool:
        with writing(work), Journal(work / "scans.jsonl") as journal:
            files = [image.file for image in named]
            scans = scan_all(files, root, options.finder, journal, pool, progress)
        seen = _look(named, scans, options.kind, ledger)
        tasks = _plan(seen, root, options, ledger)
        ledger.check()
        if not tasks:
            raise no_face_left(root, "images", ledger)
        write_all(tasks, out, pool, progress)
    warnings = _warnings(seen, options) + ledger.missing_classes()
    report = make_report(options.name, options.to_json(), ledger, options.finder, warnings)
    finish(out, report, sorted(ledger.dropped, key=lambda row: row.line))
    return report


def _look(
    named: Sequence[FolderImage], scans: Sequence[Scan], kind: Kind, ledger: Ledger
) -> list[_Seen]:
    """Find the labelled face of each image, and account for the images without a clear one."""
    seen = []
    for image, scan in zip(named, scans, strict=True):
        if scan.reason:
            ledger.drop(image.number, image.file, scan.reason, scan.detail)
            continue
        found = np.array(scan.found, dtype=np.float64).reshape(-1, 4)
        found = found[np.argsort(-boxes.area(found), kind="stable")]
        face = _largest_face(found)
        share = (face.x2 - face.x1) / min(scan.width, scan.height) if face else 0.0
        if kind is Kind.CROPS:
            if face is None or share < _MISTAKEN:
                face = TIGHT.box(scan.width, scan.height)
            seen.append(_Seen(image, scan, face, is_crop=True))
        elif face is None:
            ledger.drop(image.number, image.file, "no_face", "the face finder finds none")
        elif kind is Kind.AUTO and share >= _FILLS:
            seen.append(_Seen(image, scan, face, is_crop=True))
        elif len(found) > 1 and boxes.area(found)[1] >= _AS_LARGE * boxes.area(found)[0]:
            detail = "two faces are about as large; the label may belong to either"
            ledger.drop(image.number, image.file, "doubt", detail)
        else:
            seen.append(_Seen(image, scan, face, is_crop=False))
    return seen


def _largest_face(found: boxes.Boxes) -> Box | None:
    if not len(found):
        return None
    return Box(*boxes.retinaface_to_expw(found[:1])[0].tolist())


def _plan(
    seen: Sequence[_Seen], root: Path, options: FoldersOptions, ledger: Ledger
) -> list[WriteTask]:
    """Deal the images to the splits, and plan the scenes and the copies."""
    candidates = [_candidate(item) for item in seen]
    dealt = deal(candidates, options.seed, options.shares)
    crops = [
        (_crop(item, candidate, root), where)
        for item, candidate, where in zip(seen, candidates, dealt, strict=True)
        if item.is_crop
    ]
    selected = select_crops([crop for crop, _ in crops], [where for _, where in crops], ledger)
    scenes = compose(
        options.name,
        selected,
        seed=options.seed,
        convention=options.boxes,
        long_side=options.long_side,
    )
    ledger.add_samples(scene.sample for scene in scenes)
    whole = [(item, where) for item, where in zip(seen, dealt, strict=True) if not item.is_crop]
    masking = options.unlabelled is Unlabelled.MASK
    copies = [
        ImageTask(sample, root / sample.source_file, masked=masking and sample.split != "test")
        for sample in _copies(whole, options, ledger)
    ]
    tasks: list[WriteTask] = [*scenes, *copies]
    return sorted(tasks, key=lambda task: (task.sample.split, task.sample.name))


def _candidate(item: _Seen) -> Candidate:
    return Candidate(
        item.scan.sha256,
        item.scan.phash,
        NEAR_ALIGNED if item.is_crop else NEAR,
        item.image.person,
        item.image.split,
    )


def _crop(item: _Seen, candidate: Candidate, root: Path) -> Crop:
    assert item.image.emotion is not None  # noqa: S101  # only named folders are looked at
    return Crop(
        line=item.image.number,
        source_file=item.image.file,
        candidate=candidate,
        box=item.box,
        width=item.scan.width,
        height=item.scan.height,
        emotion=item.image.emotion,
        load=partial(load_crop, root / item.image.file, candidate.sha256),
    )


def _copies(
    whole: Sequence[tuple[_Seen, Dealt]], options: FoldersOptions, ledger: Ledger
) -> list[Sample]:
    """Return the samples of the images that are no crops."""
    rows: dict[str, list[LabelledBox]] = {}
    scans: list[Scan] = []
    where_to: dict[str, Dealt] = {}
    for item, where in whole:
        image = item.image
        if where.conflict:
            drop_conflict(image.number, image.file, where, ledger)
            continue
        rows[image.file] = [LabelledBox(image.number, image.file, item.box, image.emotion, True)]
        keep = options.unlabelled is Unlabelled.KEEP
        scans.append(replace(item.scan, found=None) if keep else item.scan)
        where_to[image.file] = where
    rules = Rules(options.unlabelled, options.boxes)
    return assemble(options.name, rows, scans, where_to, rules, ledger)


def _warnings(seen: Sequence[_Seen], options: FoldersOptions) -> list[str]:
    warnings = []
    crops = sum(item.is_crop for item in seen)
    if crops and options.kind is Kind.AUTO:
        warnings.append(
            f"in {crops} of {len(seen)} images a face fills the image, which teaches no detector: "
            "they are composed into scenes"
        )
    if options.group_by is not None:
        unknown = sum(item.image.person is None for item in seen)
        if unknown:
            warnings.append(
                f"--group-by finds no person in the names of {unknown} of {len(seen)} images"
            )
    return warnings
