"""Converting a dataset that labels one face of each image file, whatever lists the files.

Where the labelled face fills the image, it is a crop, and is composed into a scene; other images
are copied with the box of that face. Nothing else is known of the other faces: they are treated as
in ExpW.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from yolo_fer import boxes
from yolo_fer.convert.assemble import FOUND_AGAIN, LabelledBox, assemble
from yolo_fer.convert.crops import (
    NEAR_ALIGNED,
    TIGHT,
    Crop,
    CropKind,
    drop_conflict,
    load_crop,
    select_crops,
)
from yolo_fer.convert.grouping import Candidate, Dealt, deal
from yolo_fer.convert.rules import BoxConvention, Rules, Unlabelled
from yolo_fer.convert.scan import FinderChoice, Scan
from yolo_fer.convert.scenes.composing import DEFAULT_LONG_SIDE, compose
from yolo_fer.convert.steps import (
    CHUNK,
    Progress,
    make_report,
    no_face_left,
    scan_all,
    write_all,
)
from yolo_fer.dataset.duplicates import NEAR
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.dataset.samples import Box, Sample, box_array
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.dataset.writer import ImageTask, WriteTask, finish, open_folder, writing
from yolo_fer.emotions import Emotion
from yolo_fer.runtime.executor import Workers
from yolo_fer.runtime.journal import Journal

# A face whose box has this share of the image's shorter side fills the image. Tight and aligned
# crops have 0.95 and more; of ExpW's images, which are none, one in ten has 0.65.
_FILLS = 0.7
_MISTAKEN = 0.4  # a smaller face in what the user calls a crop is not the face
_AS_LARGE = 0.7  # of the largest face's area: nobody can say which of the two has the label


class Kind(StrEnum):
    """What an image is; `auto` looks at it."""

    AUTO = "auto"
    CROPS = "crops"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """An image file and the emotion of one face in it.

    Args:
        line: of the label file, or the number of the image file.
        file: POSIX path below the image folder.
        emotion: of the labelled face.
        kind: whether the image is a crop of that face.
        crop: where the face lies in a crop; None to look for it.
        box: of the face in pixels, in anybody's convention; None for the largest face.
        person: who it shows, None if nobody says.
        split: in which the dataset has it, None if it has no splits.
        votes: what people said of it, a ballot as in `votes.py`; empty if nobody voted.
    """

    line: int
    file: str
    emotion: Emotion
    kind: Kind = Kind.AUTO
    crop: CropKind | None = None
    box: Box | None = None
    person: str | None = None
    split: str | None = None
    votes: str = ""


@dataclass(frozen=True, slots=True)
class ImageOptions:
    """How a set of images with one labelled face each is converted.

    Args:
        unlabelled: what happens to faces beside the labelled one.
        boxes: whose box convention the set has.
        finder: which face finder looks at the images.
        shares: of the groups for val and test; the dataset's own splits overrule them.
        long_side: of composed scenes, in pixels.
        seed: of the split and of the scenes.
    """

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
class ImageSet:
    """A dataset of images with one labelled face each, as its files list them.

    Args:
        source: its name.
        root: what the user gave, for messages.
        folder: that the images' paths start from.
        images: that have an emotion.
        ledger: has all rows, and has dropped those that are not among the images.
        counted: what the ledger counts, for messages: `images` or `rows`.
        near_crops: how many bits may differ between near-duplicates of its crops.
        warnings: what a user should know about the files.
    """

    source: str
    root: Path
    folder: Path
    images: Sequence[LabelledImage]
    ledger: Ledger
    counted: str
    near_crops: int = NEAR_ALIGNED
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Seen:
    """An image that can be used: its row, what was seen in it, and the face's box."""

    image: LabelledImage
    scan: Scan
    box: Box
    is_crop: bool


def convert_images(
    dataset: ImageSet,
    out: Path,
    options: ImageOptions,
    settings: dict[str, Any],
    *,
    workers: int,
    resume: bool,
    overwrite: bool,
    progress: Progress[Any],
) -> dict[str, Any] | None:
    """Convert a dataset that labels one face of each image to a YOLO folder.

    Args:
        dataset: what is converted; its files are only read.
        out: the folder to write.
        options: how.
        settings: all that decides the result, for the report.
        workers: processes.
        resume: go on with a conversion that was stopped; the result has the same bytes.
        overwrite: replace an earlier conversion.
        progress: wraps an iterable of known length to show how far it is.

    Returns:
        What conversion_report.json holds, or None if there was nothing left to do.

    Raises:
        YoloFerError: if nothing can be read or written, or no face is left.
    """
    finder = options.finder if any(i.crop is None for i in dataset.images) else None
    if finder is not None:
        finder.load()  # a wrong name or device is told before anything is written
    work = open_folder(out, dataset.root, settings, resume=resume, overwrite=overwrite)
    if work is None:
        return None
    ledger = dataset.ledger
    with Workers(min(workers, -(-len(dataset.images) // CHUNK))) as pool:
        scans = _scan(dataset, finder, work, pool, progress)
        seen = _look(dataset.images, scans, ledger)
        tasks = _plan(seen, dataset, options)
        ledger.check()
        if not tasks:
            raise no_face_left(dataset.root, dataset.counted, ledger)
        write_all(tasks, out, pool, progress)
    warnings = [*_became_scenes(seen), *dataset.warnings, *ledger.missing_classes()]
    report = make_report(dataset.source, settings, ledger, finder, warnings)
    finish(out, report, sorted(ledger.dropped, key=lambda row: row.line))
    return report


def _scan(
    dataset: ImageSet,
    finder: FinderChoice | None,
    work: Path,
    pool: Workers,
    progress: Progress[Any],
) -> dict[str, Scan]:
    """Scan every file once; where it is known where the face lies, nobody looks for it."""
    known = {image.file for image in dataset.images if image.crop is not None}
    others = {image.file for image in dataset.images} - known
    scans: dict[str, Scan] = {}
    with writing(work):
        for files, looking, name in ((known, None, "crops"), (others, finder, "scans")):
            if not files:
                continue
            with Journal(work / f"{name}.jsonl") as journal:
                done = scan_all(sorted(files), dataset.folder, looking, journal, pool, progress)
            scans |= {scan.file: scan for scan in done}
    return scans


def _look(
    images: Iterable[LabelledImage], scans: Mapping[str, Scan], ledger: Ledger
) -> list[_Seen]:
    """Find the labelled face of each image, and account for the images without a clear one."""
    seen = []
    for image in images:
        scan = scans[image.file]
        if scan.reason:
            ledger.drop(image.line, image.file, scan.reason, scan.detail)
        elif image.crop is not None:
            box = image.crop.box(scan.width, scan.height)
            seen.append(_Seen(image, scan, box, is_crop=True))
        else:
            found: boxes.Boxes = np.array(scan.found, dtype=np.float64).reshape(-1, 4)
            found = boxes.retinaface_to_expw(found[np.argsort(-boxes.area(found), kind="stable")])
            usable = (
                _with_listed_box(image, scan, found, ledger)
                if image.box
                else (_with_largest_face(image, scan, found, ledger))
            )
            seen += [usable] if usable is not None else []
    return seen


def _with_largest_face(
    image: LabelledImage, scan: Scan, found: boxes.Boxes, ledger: Ledger
) -> _Seen | None:
    face = Box(*found[0].tolist()) if len(found) else None
    share = _share(face, scan)
    if image.kind is Kind.CROPS:
        if face is None or share < _MISTAKEN:
            face = TIGHT.box(scan.width, scan.height)
        return _Seen(image, scan, face, is_crop=True)
    if face is None:
        ledger.drop(image.line, image.file, "no_face", "the face finder finds none")
        return None
    if image.kind is Kind.AUTO and share >= _FILLS:
        return _Seen(image, scan, face, is_crop=True)
    if len(found) > 1 and boxes.area(found)[1] >= _AS_LARGE * boxes.area(found)[0]:
        detail = "two faces are about as large; the label may belong to either"
        ledger.drop(image.line, image.file, "doubt", detail)
        return None
    return _Seen(image, scan, face, is_crop=False)


def _with_listed_box(
    image: LabelledImage, scan: Scan, found: boxes.Boxes, ledger: Ledger
) -> _Seen | None:
    """Take the found face that the listed box speaks of, so that all boxes have one convention."""
    listed = box_array([image.box] if image.box else [])
    if not boxes.area(boxes.clip(listed, scan.width, scan.height)).any():
        detail = f"the box lies outside the {scan.width}x{scan.height} image"
        ledger.drop(image.line, image.file, "outside_image", detail)
        return None
    overlaps = boxes.iou(listed, found)[0]
    again = len(found) > 0 and overlaps.max() >= FOUND_AGAIN
    face = Box(*(found[overlaps.argmax()] if again else listed[0]).tolist())
    fills = image.kind is Kind.AUTO and _share(face, scan) >= _FILLS
    return _Seen(image, scan, face, is_crop=fills or image.kind is Kind.CROPS)


def _share(face: Box | None, scan: Scan) -> float:
    """Return how much of the image's shorter side the box of a face takes; 0 without a face."""
    return (face.x2 - face.x1) / min(scan.width, scan.height) if face else 0.0


def _plan(seen: Sequence[_Seen], dataset: ImageSet, options: ImageOptions) -> list[WriteTask]:
    """Deal the images to the splits, and plan the scenes and the copies."""
    ledger = dataset.ledger
    candidates = [_candidate(item, dataset.near_crops) for item in seen]
    dealt = deal(candidates, options.seed, options.shares)
    crops = [
        (_crop(item, candidate, dataset.folder), where)
        for item, candidate, where in zip(seen, candidates, dealt, strict=True)
        if item.is_crop
    ]
    selected = select_crops([crop for crop, _ in crops], [where for _, where in crops], ledger)
    scenes = compose(
        dataset.source,
        selected,
        seed=options.seed,
        convention=options.boxes,
        long_side=options.long_side,
    )
    ledger.add_samples(scene.sample for scene in scenes)
    whole = [(item, where) for item, where in zip(seen, dealt, strict=True) if not item.is_crop]
    masking = options.unlabelled is Unlabelled.MASK
    copies = [
        ImageTask(
            sample, dataset.folder / sample.source_file, masked=masking and sample.split != "test"
        )
        for sample in _copies(whole, dataset, options)
    ]
    tasks: list[WriteTask] = [*scenes, *copies]
    return sorted(tasks, key=lambda task: (task.sample.split, task.sample.name))


def _candidate(item: _Seen, near_crops: int) -> Candidate:
    return Candidate(
        item.scan.sha256,
        item.scan.phash,
        near_crops if item.is_crop else NEAR,
        item.image.person,
        item.image.split,
    )


def _crop(item: _Seen, candidate: Candidate, folder: Path) -> Crop:
    return Crop(
        line=item.image.line,
        source_file=item.image.file,
        candidate=candidate,
        box=item.box,
        width=item.scan.width,
        height=item.scan.height,
        emotion=item.image.emotion,
        load=partial(load_crop, folder / item.image.file, candidate.sha256),
        votes=item.image.votes,
    )


def _copies(
    whole: Sequence[tuple[_Seen, Dealt]], dataset: ImageSet, options: ImageOptions
) -> list[Sample]:
    """Return the samples of the images that are no crops."""
    rows: dict[str, list[LabelledBox]] = defaultdict(list)
    scans: dict[str, Scan] = {}
    where_to: dict[str, Dealt] = {}
    for item, where in whole:
        image = item.image
        if where.conflict:
            drop_conflict(image.line, image.file, where, dataset.ledger)
            continue
        row = LabelledBox(image.line, image.file, item.box, image.emotion, True, image.votes)
        rows[image.file].append(row)
        keep = options.unlabelled is Unlabelled.KEEP
        scans[image.file] = replace(item.scan, found=None) if keep else item.scan
        where_to[image.file] = where
    rules = Rules(options.unlabelled, options.boxes)
    return assemble(dataset.source, rows, scans.values(), where_to, rules, dataset.ledger)


def _became_scenes(seen: Sequence[_Seen]) -> list[str]:
    looked_at = [item for item in seen if item.image.kind is Kind.AUTO]
    crops = sum(item.is_crop for item in looked_at)
    if not crops:
        return []
    return [
        f"in {crops} of {len(looked_at)} images a face fills the image, which teaches no detector: "
        "they are composed into scenes"
    ]
