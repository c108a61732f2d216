"""The steps that all conversions share: scanning files, writing images, writing the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from yolo_fer.convert.options import ConvertOptions, PhotographOptions, Run
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.convert.scan import FinderChoice, Scan, scan_images, signature
from yolo_fer.dataset.fingerprint import Fingerprint
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.dataset.samples import Sample
from yolo_fer.dataset.writer import (
    ImageTask,
    WriteTask,
    finish,
    open_folder,
    write_images,
    write_indexes,
    writing_set,
)
from yolo_fer.errors import YoloFerError
from yolo_fer.runtime.executor import Workers
from yolo_fer.runtime.journal import Journal

# Fixed, whatever the number of workers: a face finder's sums may depend on what shares its batch.
CHUNK = 32

T = TypeVar("T")
R = TypeVar("R")


@contextmanager
def begin(
    root: Path, out: Path, options: ConvertOptions, run: Run, finder: FinderChoice | None = None
) -> Iterator[tuple[Path, Workers] | None]:
    """Open the workers and the folder; what is wrong with them is reported before all writing.

    Args:
        root: the raw dataset.
        out: the folder of the set.
        options: the settings of the conversion.
        run: the workers, the progress, and whether to resume; none of it changes a byte of the
            result.
        finder: None if no face is looked for.

    Returns:
        The work folder and the workers; None if `resume` has nothing left to do.
    """
    if finder is not None:
        finder.load()
    with run.open_workers(sees=[root, out], ready=finder.load if finder else None) as workers:
        work = open_folder(out, root, options.to_json(), resume=run.resume, overwrite=run.overwrite)
        yield None if work is None else (work, workers)


def chunks_of(items: Sequence[T]) -> list[Sequence[T]]:
    """Cut a sequence into the pieces that one task of a worker takes."""
    return [items[i : i + CHUNK] for i in range(0, len(items), CHUNK)]


def scan_all(
    files: Sequence[str],
    folder: Path,
    finder: FinderChoice | None,
    journal: Journal,
    workers: Workers,
) -> list[Scan]:
    """Scan all images, those left out that the journal has already.

    Args:
        files: POSIX paths below the folder, in an order that does not change.
        folder: the folder that holds the images.
        finder: None to look for no faces.
        journal: the journal of the conversion; new scans are put there.
        workers: the workers that do it.

    Returns:
        One scan per file, in order.
    """
    chunks = chunks_of(files)
    done: dict[int, list[Scan]] = {}
    for number in range(len(chunks)):
        lines = journal.get(str(number))
        if lines is not None:
            scans = [Scan.from_json(line) for line in lines]
            unchanged = all((s.size, s.mtime_ns) == signature(folder / s.file) for s in scans)
            if unchanged and [s.file for s in scans] == list(chunks[number]):
                done[number] = scans
    todo = [number for number in range(len(chunks)) if number not in done]
    scan = partial(scan_images, folder=folder, finder=finder)
    title = "looking for faces" if finder else "reading images"
    results = _shared_out(workers, scan, [chunks[number] for number in todo], title)
    for number, scans in zip(todo, results, strict=True):
        journal.put(str(number), [scan.to_json() for scan in scans])
        done[number] = scans
    return [scan for number in range(len(chunks)) for scan in done[number]]


def copy_tasks(
    samples: Iterable[Sample], folder: Path, options: PhotographOptions
) -> list[WriteTask]:
    """Return the tasks of writing images as they are, with unlabelled faces painted over or not.

    Args:
        samples: the images that are written, with their faces.
        folder: the folder that holds the source images.
        options: the settings of the conversion.
    """
    masking = options.unlabelled is Unlabelled.MASK
    return [
        ImageTask(sample, folder / sample.source_file, masking and sample.split != "test")
        for sample in samples
    ]


def write_all(tasks: Sequence[WriteTask], out: Path, workers: Workers) -> None:
    """Write the images with their labels, manifest.csv and the COCO files, in one pass."""
    chunks = chunks_of(tasks)
    results = _shared_out(workers, partial(write_images, out=out), chunks, "writing images")

    def written() -> Iterator[tuple[Sample, Fingerprint]]:
        for chunk, hashes in zip(chunks, results, strict=True):
            yield from zip((task.sample for task in chunk), hashes, strict=True)

    with writing_set(out):
        write_indexes(out, written())


def _shared_out(
    workers: Workers, function: Callable[[Sequence[T]], R], chunks: Sequence[Sequence[T]], what: str
) -> Iterable[R]:
    """Return the results of all chunks, in order; a single one is not worth starting a process."""
    alone = len(chunks) == 1
    results = map(function, chunks) if alone else workers.map_ordered(function, chunks)
    return workers.progress(results, what, len(chunks))


def no_face_left(where: Path, rows: str, ledger: Ledger) -> YoloFerError:
    """Return the error of a conversion that would write an empty set.

    Args:
        where: the file or folder that was read.
        rows: what the ledger counts, for example `label lines`.
        ledger: the ledger of the conversion.
    """
    return YoloFerError(
        f"{where}: none of the {ledger.rows_in} {rows} can be used; dropped: "
        f"{ledger.dropped_by_reason()}"
    )


def end(
    out: Path,
    source: str,
    options: ConvertOptions,
    ledger: Ledger,
    finder: FinderChoice | None,
    warnings: Sequence[str],
) -> dict[str, Any]:
    """Write the report and all that makes the folder complete, and return the report.

    Args:
        out: the folder of the set.
        source: the name of the dataset.
        options: the settings of the conversion.
        ledger: the ledger, in which every row is accounted for.
        finder: None if no face was looked for.
        warnings: what a user should know about the files, a sentence each.
    """
    used = None
    if finder is not None:
        loaded = finder.load()
        used = {"name": loaded.name, "weights_sha256": loaded.weights_sha256}
    report = {
        "source": source,
        "options": options.to_json(),
        "rows_in": ledger.rows_in,
        "faces_out": ledger.faces_out,
        "images_out": ledger.images_out,
        "clipped": ledger.clipped,
        "dropped": ledger.dropped_by_reason(),
        "per_split": ledger.per_split_json(),
        "face_finder": used,
        "warnings": [*warnings, *ledger.missing_classes()],
    }
    finish(out, report, ledger.dropped)
    return report
