"""Converting a dataset that labels one face of each image file, whatever lists the files.

Where the labelled face fills the image, it is a crop, and is composed into a scene; other images
are copied with the box of that face. Nothing else is known of the other faces: they are treated as
in ExpW.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from yolo_fer.convert.assemble import LabelledBox, assemble
from yolo_fer.convert.crops import NEAR_ALIGNED, Crop, drop_conflict, load_crop, select_crops
from yolo_fer.convert.grouping import Candidate, SplitAssignment, assign_splits
from yolo_fer.convert.labelled_face import ImageKind, LabelledFace, LabelledSource, look
from yolo_fer.convert.options import PhotographOptions, Run
from yolo_fer.convert.rules import Rules, Unlabelled
from yolo_fer.convert.scan import FinderChoice, Scan
from yolo_fer.convert.scenes.composing import DEFAULT_LONG_SIDE, check_long_side, compose
from yolo_fer.convert.steps import begin, copy_tasks, end, no_face_left, scan_all, write_all
from yolo_fer.dataset.duplicates import NEAR
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.dataset.samples import Sample
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.dataset.writer import WriteTask, writing_set
from yolo_fer.runtime.executor import Workers
from yolo_fer.runtime.journal import Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOptions(PhotographOptions):
    """How a set of images with one labelled face each is converted.

    See `PhotographOptions` for what is not listed here.

    Args:
        shares: the shares of the groups that go to val and test; the dataset's own splits overrule
            them.
        long_side: the long side of composed scenes, in pixels.

    Raises:
        UsageError: if scenes would be too small.
    """

    shares: SplitShares = field(default_factory=SplitShares)
    long_side: int = DEFAULT_LONG_SIDE

    def __post_init__(self) -> None:
        check_long_side(self.long_side)

    def to_json(self) -> dict[str, Any]:
        """Return what decides the result."""
        shared = PhotographOptions.to_json(self)
        return {**shared, **asdict(self.shares), "long_side": self.long_side}


@dataclass(frozen=True, slots=True)
class ImageSet:
    """A dataset of images with one labelled face each, as its files list them.

    Args:
        source: the name of the dataset.
        root: the file or folder that the user named, for messages.
        folder: the folder that the images' paths start from.
        images: the images that have an emotion.
        ledger: the account of all rows, in which those that are not among the images are dropped
            already.
        counted: what the ledger counts, for messages: `images` or `rows`.
        near_crops: the greatest number of differing bits between near-duplicates of its crops.
        warnings: what a user should know about the files, a sentence each.
    """

    source: str
    root: Path
    folder: Path
    images: Sequence[LabelledSource]
    ledger: Ledger
    counted: str
    near_crops: int = NEAR_ALIGNED
    warnings: Sequence[str] = ()


def convert_images(
    dataset: ImageSet, out: Path, options: ImageOptions, run: Run
) -> dict[str, Any] | None:
    """Convert a dataset that labels one face of each image to a YOLO folder.

    Args:
        dataset: the dataset, of which files are only read.
        out: the folder that the set is written to.
        options: the settings of the conversion.
        run: the workers, the progress, and whether to resume; none of it changes a byte of the
            result.

    Returns:
        What conversion_report.json holds, or None if there was nothing left to do.

    Raises:
        YoloFerError: if nothing can be read or written, or no face is left.
    """
    finder = None
    if any(image.crop is None for image in dataset.images):
        finder = replace(options.finder, margin=True)  # some of these may be crops all the same
    ledger = dataset.ledger
    with begin(dataset.root, out, options, run, finder) as begun:
        if begun is None:
            return None
        work, workers = begun
        scans = _scan(dataset, finder, work, workers)
        seen = look(dataset.images, scans, ledger)
        tasks = _plan(seen, dataset, options)
        ledger.check()
        if not tasks:
            raise no_face_left(dataset.root, dataset.counted, ledger)
        write_all(tasks, out, workers)
    ledger.dropped.sort(key=lambda row: row.line)
    warnings = [*_became_scenes(seen), *dataset.warnings]
    return end(out, dataset.source, options, ledger, finder, warnings)


def _scan(
    dataset: ImageSet, finder: FinderChoice | None, work: Path, workers: Workers
) -> dict[str, Scan]:
    """Scan every file once; where it is known where the face lies, it is not looked for."""
    known = {image.file for image in dataset.images if image.crop is not None}
    others = {image.file for image in dataset.images} - known
    scans: dict[str, Scan] = {}
    with writing_set(work):
        for files, looking, name in ((known, None, "crops"), (others, finder, "scans")):
            if not files:
                continue
            with Journal(work / f"{name}.jsonl") as journal:
                done = scan_all(sorted(files), dataset.folder, looking, journal, workers)
            scans |= {scan.file: scan for scan in done}
    return scans


def _plan(
    seen: Sequence[LabelledFace], dataset: ImageSet, options: ImageOptions
) -> list[WriteTask]:
    """Assign the images to the splits, and plan the scenes and the copies."""
    ledger = dataset.ledger
    candidates = [_candidate(item, dataset.near_crops) for item in seen]
    assigned = assign_splits(candidates, options.seed, options.shares)
    crops = [
        (_crop(item, candidate, dataset.folder), where)
        for item, candidate, where in zip(seen, candidates, assigned, strict=True)
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
    whole = [(item, where) for item, where in zip(seen, assigned, strict=True) if not item.is_crop]
    copies = copy_tasks(_copies(whole, dataset, options), dataset.folder, options)
    tasks: list[WriteTask] = [*scenes, *copies]
    return sorted(tasks, key=lambda task: (task.sample.split, task.sample.name))


def _candidate(item: LabelledFace, near_crops: int) -> Candidate:
    return Candidate(
        item.scan.sha256,
        item.scan.phash,
        near_crops if item.is_crop else NEAR,
        item.image.person,
        item.image.split,
    )


def _crop(item: LabelledFace, candidate: Candidate, folder: Path) -> Crop:
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
    whole: Sequence[tuple[LabelledFace, SplitAssignment]], dataset: ImageSet, options: ImageOptions
) -> list[Sample]:
    """Return the samples of the images that are no crops."""
    rows: dict[str, list[LabelledBox]] = defaultdict(list)
    scans: dict[str, Scan] = {}
    where_to: dict[str, SplitAssignment] = {}
    for item, where in whole:
        image = item.image
        if where.conflict:
            drop_conflict(image.line, image.file, where, dataset.ledger)
            continue
        row = LabelledBox(
            image.line, image.file, item.box, image.emotion, True, image.votes, item.found
        )
        rows[image.file].append(row)
        keep = options.unlabelled is Unlabelled.KEEP
        scans[image.file] = replace(item.scan, found=None) if keep else item.scan
        where_to[image.file] = where
    rules = Rules(options.unlabelled, options.boxes)
    return assemble(dataset.source, rows, scans.values(), where_to, rules, dataset.ledger)


def _became_scenes(seen: Sequence[LabelledFace]) -> list[str]:
    looked_at = [item for item in seen if item.image.kind is ImageKind.AUTO]
    crops = sum(item.is_crop for item in looked_at)
    if not crops:
        return []
    return [
        f"in {crops} of {len(looked_at)} images a face fills the image, which teaches no detector: "
        "they are composed into scenes"
    ]
