"""`convert expw`: the whole conversion of ExpW."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yolo_fer.convert.assemble import LabelledBox, assemble
from yolo_fer.convert.expw_source import ExpwFolder, read_rows
from yolo_fer.convert.grouping import assign_scans
from yolo_fer.convert.rules import BoxConvention, Rules, Unlabelled
from yolo_fer.convert.scan import FinderChoice
from yolo_fer.convert.steps import CHUNK, make_report, no_face_left, scan_all, write_all
from yolo_fer.convert.votes import share_votes
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.dataset.writer import ImageTask, finish, open_folder, writing
from yolo_fer.errors import FileFault, UsageError, YoloFerError
from yolo_fer.runtime.executor import Progress, Workers, no_progress
from yolo_fer.runtime.folder_lock import locks_out
from yolo_fer.runtime.journal import Journal


@dataclass(frozen=True, slots=True)
class ExpwOptions:
    """How ExpW is converted.

    Args:
        min_score: faces with a greater detector score are used; 50 in the reference paper.
        unlabelled: what happens to unlabelled faces.
        boxes: whose box convention the set has.
        finder: which face finder looks for unlabelled faces; not used by `keep`.
        shares: the shares of the groups that go to val and test.
        seed: the seed of the split.
    """

    min_score: float = 50.0
    unlabelled: Unlabelled = Unlabelled.MASK
    boxes: BoxConvention = BoxConvention.EXPW
    finder: FinderChoice = field(default_factory=lambda: FinderChoice("retinaface", "cpu", 0.5))
    shares: SplitShares = field(default_factory=SplitShares)
    seed: int = 0

    @property
    def looks_for_faces(self) -> bool:
        """Whether a face finder is needed."""
        return self.unlabelled is not Unlabelled.KEEP

    def to_json(self) -> dict[str, Any]:
        """Return what decides the result; devices and worker counts do not."""
        options: dict[str, Any] = {
            "min_score": self.min_score,
            "unlabelled": str(self.unlabelled),
            "boxes": str(self.boxes),
            "val": self.shares.val,
            "test": self.shares.test,
            "seed": self.seed,
        }
        if self.looks_for_faces:
            options |= {"finder": self.finder.name, "face_score": self.finder.threshold}
        return options


@locks_out
def convert_expw(
    root: Path,
    out: Path,
    options: ExpwOptions,
    *,
    workers: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress[Any] = no_progress,
) -> dict[str, Any] | None:
    """Convert ExpW to a YOLO folder.

    Args:
        root: the folder that holds label/label.lst and image/origin; it is only read.
        out: the folder to write.
        options: the settings of the conversion.
        workers: how many processes share the work.
        resume: go on with a conversion that was stopped; the result has the same bytes.
        overwrite: replace an earlier conversion.
        progress: wraps an iterable of known length to show how far it is.

    Returns:
        What conversion_report.json holds, or None if there was nothing left to do.

    Raises:
        UsageError: if the finder or the folder to write cannot be what is given.
        YoloFerError: if nothing can be read or written, or no face is left.
    """
    folder = ExpwFolder.find(root)
    if out.resolve().is_relative_to(folder.image_folder.resolve()):
        raise UsageError(f"`out={out}` lies among the images of {root}; give another folder")
    finder = options.finder if options.looks_for_faces else None
    if finder is not None:
        finder.load()  # a wrong name or device is told before anything is written
    work = open_folder(out, root, options.to_json(), resume=resume, overwrite=overwrite)
    if work is None:
        return None
    ledger = Ledger()
    warnings: list[str] = []
    rows = _usable_rows(folder, options, ledger, warnings)
    with Workers(min(workers, -(-len(rows) // CHUNK))) as pool:
        with writing(work), Journal(work / "scans.jsonl") as journal:
            scans = scan_all(sorted(rows), folder.image_folder, finder, journal, pool, progress)
            rules = Rules(options.unlabelled, options.boxes)
            assigned = assign_scans(scans, options.seed, options.shares)
            samples = share_votes(assemble("expw", rows, scans, assigned, rules, ledger))
        ledger.check()
        if not samples:
            raise no_face_left(folder.label_file, "rows", ledger)
        masking = options.unlabelled is Unlabelled.MASK
        tasks = [
            ImageTask(
                sample,
                folder.image_folder / sample.source_file,
                masked=masking and sample.split != "test",
            )
            for sample in samples
        ]
        write_all(tasks, out, pool, progress)
    warnings += ledger.missing_classes()
    report = make_report("expw", options.to_json(), ledger, finder, warnings)
    finish(out, report, sorted(ledger.dropped, key=lambda row: row.line))
    return report


def _usable_rows(
    folder: ExpwFolder, options: ExpwOptions, ledger: Ledger, warnings: list[str]
) -> dict[str, list[LabelledBox]]:
    """Return the rows of each image file that is there, and account for the others."""
    faces, bad = read_rows(folder.label_file)
    ledger.rows_in = len(faces) + len(bad)
    if not ledger.rows_in:
        raise YoloFerError(f"{folder.label_file} is empty; it should hold one row per face")
    for row in bad:
        ledger.drop(row.line, row.image, row.reason, row.detail)
    there = folder.images()
    rows: dict[str, list[LabelledBox]] = defaultdict(list)
    for face in faces:
        path = there.get(face.image)
        if path is None:
            ledger.drop(
                face.line,
                face.image,
                FileFault.MISSING_IMAGE,
                f"not in {folder.image_folder.name}",
            )
            continue
        file = path.relative_to(folder.image_folder).as_posix()
        trusted = face.score > options.min_score
        rows[file].append(LabelledBox(face.line, face.image, face.box, face.emotion, trusted))
    unnamed = len(there) - len(rows)
    if unnamed:
        warnings.append(f"{unnamed} images have no usable row in {folder.label_file.name}")
    return dict(rows)
