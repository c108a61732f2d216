"""`merge`: several converted sets to one, without an image on both sides of the split."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from yolo_fer import images
from yolo_fer.convert.merge.given_sets import MergeInput, open_inputs
from yolo_fer.convert.merge.outcomes import ImageOutcome, MergeOptions, chunks, decide, hash_images
from yolo_fer.convert.options import Run
from yolo_fer.convert.steps import CHUNK
from yolo_fer.dataset.coco import CocoImage
from yolo_fer.dataset.converted_set import ManifestRow
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.fingerprint import Fingerprint
from yolo_fer.dataset.layout import label_file
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.dataset.samples import Sample
from yolo_fer.dataset.set_folder import open_folder
from yolo_fer.dataset.writer import file_of, finish, holds, write_indexes, writing_set
from yolo_fer.errors import ImageError, YoloFerError
from yolo_fer.files import write_atomically
from yolo_fer.runtime.executor import Workers
from yolo_fer.runtime.folder_lock import locks_out
from yolo_fer.runtime.journal import Journal


@dataclass(slots=True)
class MergeAccount:
    """The ledger of the images of one dataset, or of all; a labelled face is a row."""

    ledger: Ledger = field(default_factory=Ledger)
    images_in: int = 0
    images_dropped: Counter[str] = field(default_factory=Counter)
    moved: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Any]:
        """Return the account as a part of conversion_report.json."""
        return {
            "rows_in": self.ledger.rows_in,
            "faces_out": self.ledger.faces_out,
            "images_in": self.images_in,
            "images_out": self.ledger.images_out,
            "images_dropped": dict(sorted(self.images_dropped.items())),
            "images_moved": dict(sorted(self.moved.items())),
            "clipped": 0,
            "dropped": self.ledger.dropped_by_reason(),
            "per_split": self.ledger.per_split_json(),
        }


@locks_out
def merge_sets(
    folders: Sequence[Path], out: Path, options: MergeOptions, run: Run = Run()
) -> dict[str, Any] | None:
    """Merge converted sets into one; images and labels are copied byte for byte.

    How images that show the same picture in different splits are treated: see `joining`. A copy in
    which faces were painted over cannot become a test image, and is left out instead.

    Args:
        folders: the sets that `convert` or `merge` wrote; they are only read.
        out: the folder that the set is written to.
        options: the settings of the merge.
        run: the workers, the progress, and whether to resume; none of it changes a byte of the
            result.

    Returns:
        What conversion_report.json holds, or None if there was nothing left to do.

    Raises:
        YoloFerError: if a set cannot be used, the sets do not fit together, or no face is left.
    """
    # absolute: a cluster's workers have other folders
    folders, out = [folder.absolute() for folder in folders], out.absolute()
    inputs = open_inputs(folders, out)
    decided = {
        "boxes": inputs[0].converted.boxes,
        "test_images": options.test_images,
        "seed": options.seed,
        "sets": [item.to_json() for item in inputs],
    }
    accounts: dict[str, MergeAccount] = defaultdict(MergeAccount)
    with run.open_workers(sees=[*folders, out]) as workers:
        work = open_folder(out, folders[0], decided, resume=run.resume, overwrite=run.overwrite)
        if work is None:
            return None
        with writing_set(work), Journal(work / "hashes.jsonl") as journal:
            hash_images(inputs, journal, workers)
            outcomes = decide(inputs, journal, options)
        with writing_set(out):
            tasks = _tasks(inputs, iter(outcomes), accounts)
            kept = sum(not outcome.reason for outcome in outcomes)
            write_indexes(out, _copied(tasks, out, workers, kept))
    together = accounts.pop("")
    for account in (together, *accounts.values()):
        account.ledger.check()
    if not together.ledger.faces_out:
        raise YoloFerError(f"no face is left: {together.ledger.dropped_by_reason()}")
    report = {
        "source": "+".join(accounts),
        "options": decided,
        **together.to_json(),
        "face_finder": _common_finder(inputs),
        "warnings": _warnings(accounts, together, options),
        "datasets": {source: account.to_json() for source, account in accounts.items()},
        "conversions": [item.converted.report for item in inputs],
    }
    finish(out, report, together.ledger.dropped)
    return report


@dataclass(frozen=True, slots=True)
class CopyTask:
    """An image to copy with its label file.

    Args:
        sample: the image that is written, with its faces.
        image: the file that is copied.
        label: the label file of the image.
        file: the hashes that the image must still have.
    """

    sample: Sample
    image: Path
    label: Path
    file: Fingerprint

    def jpeg(self) -> bytes:
        """Return the image's bytes.

        Raises:
            YoloFerError: if the file has changed since it was compared.
        """
        data = images.read_bytes(self.image)
        if hashlib.sha256(data).hexdigest() != self.file.sha256:
            raise YoloFerError(f"{self.image} changed during the merge; run it again")
        return data


def _tasks(
    inputs: Sequence[MergeInput],
    outcomes: Iterator[ImageOutcome],
    accounts: dict[str, MergeAccount],
) -> Iterator[CopyTask]:
    """Yield the images that are copied, and account for all."""
    taken: set[int] = set()
    for item in inputs:
        for row, image in item.converted.images():
            outcome = next(outcomes)
            source = item.source(row)
            sample = _sample(item, row, image, outcome, taken)
            for account in (accounts[""], accounts[source]):
                _enter(account, row, sample, outcome, f"{source}: {row.file}")
            if not outcome.reason:
                root = item.converted.root
                yield CopyTask(sample, root / row.file, root / row.label_file, row.fingerprint)


def _sample(
    item: MergeInput, row: ManifestRow, image: CocoImage, outcome: ImageOutcome, taken: set[int]
) -> Sample:
    try:
        faces = image.faces()
    except ValueError as error:
        raise YoloFerError(
            f"{item.converted.coco_path(row.split)}: {row.file}: {error}. "
            f"See `yolo-fer check {item.converted.root}`"
        ) from error
    moved = () if outcome.reason or outcome.split == row.split else (f"moved_from_{row.split}",)
    name = item.name(row)
    if not outcome.reason:
        # A hash is a small number to remember, and a chance hit only gives a longer name.
        while (key := hash((outcome.split, name.casefold()))) in taken:
            name = f"{name}-{row.sha256[:8]}"
        taken.add(key)
    return Sample(
        name=name,
        source=item.source(row),
        source_file=row.source_file,
        source_sha256=row.source_sha256,
        frame=row.frame,
        width=image.width,
        height=image.height,
        faces=faces,
        group=outcome.group,
        split=outcome.split,
        flags=(*row.flags, *moved),
    )


def _enter(
    account: MergeAccount, row: ManifestRow, sample: Sample, outcome: ImageOutcome, image: str
) -> None:
    account.images_in += 1
    account.ledger.rows_in += len(sample.labelled)
    if not outcome.reason:
        account.ledger.add_samples([sample])
        if outcome.split != row.split:
            account.moved[f"{row.split} to {outcome.split}"] += 1
        return
    account.images_dropped[str(outcome.reason)] += 1
    for _ in sample.labelled:
        account.ledger.drop(row.line, image, outcome.reason, outcome.detail)


def _copied(
    tasks: Iterable[CopyTask], out: Path, workers: Workers, total: int
) -> Iterator[tuple[Sample, Fingerprint]]:
    """Copy images, and yield each with its hashes when it is there."""
    begun: deque[list[CopyTask]] = deque()

    def begin() -> Iterator[list[CopyTask]]:
        for chunk in chunks(tasks):
            begun.append(chunk)
            yield chunk

    done = workers.map_ordered(partial(copy_images, out=out), begin())
    for _ in workers.progress(done, "copying images", -(-total // CHUNK)):
        for task in begun.popleft():
            yield task.sample, task.file


def copy_images(tasks: Sequence[CopyTask], out: Path) -> None:
    """Copy images with their label files; an image that is there with the same bytes is kept.

    Label files are not written anew: the COCO files, which the samples come from, are rounded.

    Raises:
        YoloFerError: if the folder cannot be written, or a file has changed or gone.
    """
    for task in tasks:
        image = out / file_of(task.sample)
        label = out / label_file(task.sample.split, task.sample.name)
        try:
            if not holds(image, task.file.sha256):
                _write(image, task.jpeg())
            _write(label, images.read_bytes(task.label))
        except ImageError as error:
            raise YoloFerError(f"{task.image} or its label file went away: {error}") from error


def _write(target: Path, data: bytes) -> None:
    with writing_set(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, data)


def _common_finder(inputs: Sequence[MergeInput]) -> Any:
    """Return the face finder that all sets were made with, None if there is no such."""
    finders = [item.converted.report.get("face_finder") for item in inputs]
    return finders[0] if all(finder == finders[0] for finder in finders) else None


def _warnings(
    accounts: dict[str, MergeAccount], together: MergeAccount, options: MergeOptions
) -> list[str]:
    warnings = together.ledger.missing_classes()
    for source, account in accounts.items():
        moved = ", ".join(f"{n} from {way}" for way, n in sorted(account.moved.items()))
        if moved:
            warnings.append(
                f"{source}: images moved because they show what an image of another split shows: "
                f"{moved}"
            )
        all_kept = DropReason.NOT_DRAWN_FOR_TEST not in account.images_dropped
        drawn = account.ledger.images_out and all_kept
        if options.test_images is not None and drawn:
            warnings.append(
                f"{source} has no more than the {options.test_images} test images asked for; all "
                "are kept"
            )
    return warnings
