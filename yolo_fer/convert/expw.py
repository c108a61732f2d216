"""`convert expw`: the whole conversion of ExpW."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from yolo_fer.convert.assemble import LabelledBox, assemble
from yolo_fer.convert.expw_source import ExpwFolder, read_rows
from yolo_fer.convert.grouping import assign_scans
from yolo_fer.convert.options import PhotographOptions, Run
from yolo_fer.convert.rules import Rules, Unlabelled
from yolo_fer.convert.steps import begin, copy_tasks, end, no_face_left, scan_all, write_all
from yolo_fer.convert.votes import share_votes
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.dataset.writer import writing_set
from yolo_fer.errors import FileFault, UsageError, YoloFerError
from yolo_fer.paths import resolved
from yolo_fer.runtime.folder_lock import locks_out
from yolo_fer.runtime.journal import Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpwOptions(PhotographOptions):
    """How ExpW is converted; see `PhotographOptions` for what is not listed here.

    Args:
        min_score: the detector score above which faces are used; 50 in the reference paper.
        shares: the shares of the groups that go to val and test.
    """

    min_score: float = 50.0
    shares: SplitShares = field(default_factory=SplitShares)

    @property
    def looks_for_faces(self) -> bool:
        """Whether a face finder is needed: the labelled faces have boxes."""
        return self.unlabelled is not Unlabelled.KEEP

    def to_json(self) -> dict[str, Any]:
        """Return what decides the result."""
        shared = PhotographOptions.to_json(self)
        if not self.looks_for_faces:
            del shared["finder"], shared["face_score"]
        return {**shared, **asdict(self.shares), "min_score": self.min_score}


@locks_out
def convert_expw(
    root: Path, out: Path, options: ExpwOptions, run: Run = Run()
) -> dict[str, Any] | None:
    """Convert ExpW to a YOLO folder.

    Args:
        root: the folder that holds label/label.lst and image/origin; it is only read.
        out: the folder that the set is written to.
        options: the settings of the conversion.
        run: the workers, the progress, and whether to resume; none of it changes a byte of the
            result.

    Returns:
        What conversion_report.json holds, or None if there was nothing left to do.

    Raises:
        UsageError: if the finder or the folder to write cannot be what is given.
        YoloFerError: if nothing can be read or written, or no face is left.
    """
    root, out = root.absolute(), out.absolute()  # a cluster's workers have other folders
    folder = ExpwFolder.find(root)
    if resolved(out).is_relative_to(resolved(folder.image_folder)):
        raise UsageError(f"`out={out}` lies among the images of {root}; give another folder")
    finder = options.finder if options.looks_for_faces else None
    ledger = Ledger()
    warnings: list[str] = []
    rows = _usable_rows(folder, options, ledger, warnings)  # may fail: before a set is replaced
    with begin(root, out, options, run, finder) as begun:
        if begun is None:
            return None
        work, workers = begun
        with writing_set(work), Journal(work / "scans.jsonl") as journal:
            scans = scan_all(sorted(rows), folder.image_folder, finder, journal, workers)
            rules = Rules(options.unlabelled, options.boxes)
            assigned = assign_scans(scans, options.seed, options.shares)
            samples = share_votes(assemble("expw", rows, scans, assigned, rules, ledger))
        ledger.check()
        if not samples:
            raise no_face_left(folder.label_file, "rows", ledger)
        write_all(copy_tasks(samples, folder.image_folder, options), out, workers)
    ledger.dropped.sort(key=lambda row: row.line)
    return end(out, "expw", options, ledger, finder, warnings)


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
                face.line, face.image, FileFault.MISSING_IMAGE, f"not in {folder.image_folder.name}"
            )
            continue
        file = path.relative_to(folder.image_folder).as_posix()
        trusted = face.score > options.min_score
        rows[file].append(LabelledBox(face.line, face.image, face.box, face.emotion, trusted))
    unnamed = len(there) - len(rows)
    if unnamed:
        warnings.append(f"{unnamed} images have no usable row in {folder.label_file.name}")
    return dict(rows)
