"""The steps that all conversions share: scanning files, writing images, writing the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from yolo_fer.convert.options import ConvertOptions, PhotographOptions, Run
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.convert.scan import FinderChoice, Scan, scan_images, still_holds
from yolo_fer.convert.source_files import hash_source_files
from yolo_fer.dataset.fingerprint import Fingerprint
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.dataset.samples import Sample
from yolo_fer.dataset.set_folder import noted_source, open_folder
from yolo_fer.dataset.writer import (
    WORK,
    ImageTask,
    WritePiece,
    WriteTask,
    finish,
    recipe_of,
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
        work = open_folder(
            out,
            root,
            options.to_json(),
            resume=run.resume,
            overwrite=run.overwrite,
            source_files_sha256=hash_source_files(root, out),
        )
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
    """Scan all images but those that the journal has as they still are.

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
            held = all(still_holds(scan, folder) for scan in scans)
            if held and [s.file for s in scans] == list(chunks[number]):
                done[number] = scans
    todo = [number for number in range(len(chunks)) if number not in done]
    scan = partial(scan_images, folder=folder, finder=finder)
    title = "looking for faces" if finder else "reading images"
    results = _shared_out(workers, scan, (chunks[number] for number in todo), len(todo), title)
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
    """Write the images with their labels, manifest.csv and the COCO files, in one pass.

    A journal in the work folder has the recipes of what is written, so that a conversion that goes
    on keeps exactly the images that it would write again.
    """
    chunks = chunks_of(tasks)

    def written(journal: Journal) -> Iterator[tuple[Sample, Fingerprint]]:
        keys = [recipe_of(chunk) for chunk in chunks]
        pieces = (
            WritePiece(chunk, _read_back(journal.get(key)))
            for chunk, key in zip(chunks, keys, strict=True)
        )
        write = partial(write_images, out=out)
        results = _shared_out(workers, write, pieces, len(chunks), "writing images")
        for chunk, key, hashes in zip(chunks, keys, results, strict=True):
            if _read_back(journal.get(key)) != hashes:
                journal.put(key, [astuple(file) for file in hashes])
            yield from zip((task.sample for task in chunk), hashes, strict=True)

    with writing_set(out), Journal(out / WORK / "images.jsonl") as journal:
        write_indexes(out, written(journal))


def _read_back(lines: list[list[str]] | None) -> list[Fingerprint] | None:
    return None if lines is None else [Fingerprint(*line) for line in lines]


def _shared_out(
    workers: Workers, function: Callable[[T], R], chunks: Iterable[T], count: int, what: str
) -> Iterable[R]:
    """Return the results of all chunks, in order; a single one is not worth starting a process."""
    alone = count == 1
    results = map(function, chunks) if alone else workers.map_ordered(function, chunks)
    return workers.progress(results, what, count)


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
        **noted_source(out),
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
