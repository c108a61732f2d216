"""`convert expw`: the whole conversion of ExpW."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from yolo_fer.convert.assemble import LabelledBox, assemble
from yolo_fer.convert.executor import map_ordered
from yolo_fer.convert.journal import Journal
from yolo_fer.convert.ledger import Ledger
from yolo_fer.convert.rules import BoxConvention, Rules, Unlabelled
from yolo_fer.convert.scan import FinderChoice, Scan, scan_images, signature
from yolo_fer.convert.splits import SplitShares
from yolo_fer.convert.writer import (
    ImageTask,
    finish,
    open_folder,
    write_images,
    write_indexes,
    writing,
)
from yolo_fer.errors import YoloFerError
from yolo_fer.samples import Sample
from yolo_fer.sources.expw import ExpwFolder, read_rows

# Fixed, whatever the number of workers: a face finder's sums may depend on what shares its batch.
_CHUNK = 32

T = TypeVar("T")
Progress = Callable[[Iterable[T], str, int], Iterable[T]]


@dataclass(frozen=True, slots=True)
class ExpwOptions:
    """How ExpW is converted.

    Args:
        min_score: faces with a greater detector score are used; 50 in the reference paper.
        unlabelled: what happens to faces that nobody labelled.
        boxes: whose box convention the set has.
        finder: which face finder looks for unlabelled faces; not used by `keep`.
        shares: of the groups for val and test.
        seed: of the split.
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


def convert_expw(
    root: Path,
    out: Path,
    options: ExpwOptions,
    *,
    workers: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress[Any] = lambda items, description, total: items,
) -> dict[str, Any] | None:
    """Convert ExpW to a YOLO folder.

    Args:
        root: the folder that holds label/label.lst and image/origin; it is only read.
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
    folder = ExpwFolder.find(root)
    work = open_folder(out, root, options.to_json(), resume=resume, overwrite=overwrite)
    if work is None:
        return None
    ledger = Ledger()
    warnings: list[str] = []
    rows = _usable_rows(folder, options, ledger, warnings)
    with writing(work), Journal(work / "scans.jsonl") as journal:
        scans = _scan(sorted(rows), folder, options, journal, workers, progress)
        rules = Rules(options.unlabelled, options.boxes, options.seed, options.shares)
        samples = assemble("expw", rows, scans, rules, ledger)
    ledger.check()
    if not samples:
        raise YoloFerError(
            f"{folder.label_file}: none of the {ledger.rows_in} rows gives a face; dropped: "
            f"{ledger.dropped_by_reason()}"
        )
    _write(samples, folder, out, options, workers, progress)
    warnings += ledger.missing_classes()
    report = _report(options, ledger, warnings)
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
                face.line, face.image, "missing_image", f"not in {folder.image_folder.name}"
            )
            continue
        file = path.relative_to(folder.image_folder).as_posix()
        trusted = face.score > options.min_score
        rows[file].append(LabelledBox(face.line, face.image, face.box, face.emotion, trusted))
    unnamed = len(there) - len(rows)
    if unnamed:
        warnings.append(f"{unnamed} images have no usable row in {folder.label_file.name}")
    return dict(rows)


def _scan(
    files: Sequence[str],
    folder: ExpwFolder,
    options: ExpwOptions,
    journal: Journal,
    workers: int,
    progress: Progress[Any],
) -> list[Scan]:
    """Scan all images, those left out that the journal has already."""
    finder = options.finder if options.looks_for_faces else None
    chunks = [files[i : i + _CHUNK] for i in range(0, len(files), _CHUNK)]
    done: dict[int, list[Scan]] = {}
    for number in range(len(chunks)):
        lines = journal.get(str(number))
        if lines is not None:
            scans = [Scan.from_json(line) for line in lines]
            if all((s.size, s.mtime_ns) == signature(folder.image_folder / s.file) for s in scans):
                done[number] = scans
    todo = [number for number in range(len(chunks)) if number not in done]
    scan = partial(scan_images, folder=folder.image_folder, finder=finder)
    results = map_ordered(scan, (chunks[number] for number in todo), min(workers, len(todo)))
    title = "looking for faces" if finder else "reading images"
    for number, scans in zip(todo, progress(results, title, len(todo)), strict=True):
        journal.put(str(number), [scan.to_json() for scan in scans])
        done[number] = scans
    return [scan for number in range(len(chunks)) for scan in done[number]]


def _write(
    samples: Sequence[Sample],
    folder: ExpwFolder,
    out: Path,
    options: ExpwOptions,
    workers: int,
    progress: Progress[Any],
) -> None:
    tasks = [
        ImageTask(
            sample,
            folder.image_folder / sample.source_file,
            masked=options.unlabelled is Unlabelled.MASK and sample.split != "test",
        )
        for sample in samples
    ]
    chunks = [tasks[i : i + _CHUNK] for i in range(0, len(tasks), _CHUNK)]
    results = map_ordered(partial(write_images, out=out), chunks, min(workers, len(chunks)))

    def written() -> Iterator[tuple[ImageTask, str]]:
        for chunk, hashes in zip(
            chunks, progress(results, "writing images", len(chunks)), strict=True
        ):
            yield from zip(chunk, hashes, strict=True)

    with writing(out):
        write_indexes(out, written())


def _report(options: ExpwOptions, ledger: Ledger, warnings: list[str]) -> dict[str, Any]:
    finder = None
    if options.looks_for_faces:
        loaded = options.finder.load()
        finder = {"name": loaded.name, "weights_sha256": loaded.weights_sha256}
    return {
        "source": "expw",
        "options": options.to_json(),
        "rows_in": ledger.rows_in,
        "faces_out": ledger.faces_out,
        "images_out": ledger.images_out,
        "clipped": ledger.clipped,
        "dropped": ledger.dropped_by_reason(),
        "per_split": ledger.per_split_json(),
        "face_finder": finder,
        "warnings": warnings,
    }
