"""What becomes of each image of the sets that are merged: a split and a group, or a reason."""

from __future__ import annotations

import hashlib
import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from yolo_fer import images
from yolo_fer.convert.merge.given_sets import MergeInput
from yolo_fer.convert.merge.joining import Catalogue, Joined, join_sets
from yolo_fer.convert.scan import Scan, scan_images, signature, still_holds
from yolo_fer.convert.steps import CHUNK
from yolo_fer.dataset.converted_set import ManifestRow
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.ledger import SPLITS
from yolo_fer.errors import ImageError, UsageError
from yolo_fer.runtime.executor import Workers
from yolo_fer.runtime.journal import Journal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MergeOptions:
    """How sets are merged.

    Args:
        test_images: the number of test images of each dataset that are kept, chosen at random; None
            keeps all.
        seed: the seed of that choice.

    Raises:
        UsageError: if `test_images` is less than 1.
    """

    test_images: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.test_images is not None and self.test_images < 1:
            raise UsageError(f"`test_images` is {self.test_images}; give at least 1")


@dataclass(frozen=True, slots=True)
class ImageOutcome:
    """What becomes of one image: a split and a group, or a reason to leave it out."""

    split: str
    group: str
    reason: str = ""
    detail: str = ""


def chunks(items: Iterable[T]) -> Iterator[list[T]]:
    """Yield the pieces that one task of a worker takes, reading no further ahead."""
    waiting = iter(items)
    while chunk := list(islice(waiting, CHUNK)):
        yield chunk


def _rows(inputs: Sequence[MergeInput]) -> Iterator[tuple[str, Path, list[ManifestRow]]]:
    """Yield the rows of all sets, a piece at a time under a key, with their set's folder."""
    for number, item in enumerate(inputs):
        for part, rows in enumerate(chunks(item.converted.rows())):
            yield f"{number}.{part}", item.converted.root, rows


def hash_images(inputs: Sequence[MergeInput], journal: Journal, workers: Workers) -> None:
    """Hash all images but those that the journal has as they still are."""
    done = {piece[0] for piece in _rows(inputs) if _is_done(piece, journal)}
    total = sum(1 for key, _, _ in _rows(inputs) if key not in done)
    scanned = workers.map_ordered(_scan, (piece for piece in _rows(inputs) if piece[0] not in done))
    for key, scans in workers.progress(scanned, "comparing images", total):
        journal.put(key, [scan.to_json() for scan in scans])


def _is_done(piece: tuple[str, Path, list[ManifestRow]], journal: Journal) -> bool:
    """Return whether the journal has some images of a set, all with their labels as they are."""
    key, root, rows = piece
    lines = journal.get(key)
    if lines is None:
        return False
    scans = [Scan.from_json(line) for line in lines]
    return all(
        still_holds(scan, root) and _label_as_before(row, root, scan)
        for row, scan in zip(rows, scans, strict=True)
    )


def _label_as_before(row: ManifestRow, root: Path, scan: Scan) -> bool:
    """Return whether an image still has its label file, or still lacks it."""
    if scan.reason not in ("", DropReason.MISSING_LABEL):
        return True  # it is left out, with or without a label
    return (root / row.label_file).is_file() == (not scan.reason)


def _scan(piece: tuple[str, Path, list[ManifestRow]]) -> tuple[str, list[Scan]]:
    """Hash some images of a set, and make sure that they are as its conversion left them."""
    key, root, rows = piece
    scans = []
    for row in rows:
        scan = _known(row, root) or scan_images([row.file], root, None)[0]
        bad = ("", "")
        if not scan.reason and scan.sha256 != row.sha256:
            bad = (DropReason.CHANGED_IMAGE, "its sha256 is not the manifest's")
        elif not scan.reason and not (root / row.label_file).is_file():
            bad = (DropReason.MISSING_LABEL, f"{row.label_file} does not exist")
        scans.append(replace(scan, reason=bad[0], detail=bad[1]) if bad[0] else scan)
    return key, scans


def _known(row: ManifestRow, root: Path) -> Scan | None:
    """Return the manifest's entry of an image file that is still the same, without decoding it."""
    if not row.phash:
        return None
    size, mtime_ns = signature(root / row.file)
    try:
        sha256 = hashlib.sha256(images.read_bytes(root / row.file)).hexdigest()
    except ImageError:
        return None
    return Scan(row.file, size, mtime_ns, sha256, phash=row.phash) if sha256 == row.sha256 else None


def decide(
    inputs: Sequence[MergeInput], journal: Journal, options: MergeOptions
) -> list[ImageOutcome]:
    """Decide what becomes of each image, in the order of the sets and their manifests."""
    catalogue = Catalogue()
    scans: list[Scan | None] = []
    for key, _, rows in _rows(inputs):
        number = int(key.partition(".")[0])
        for row, line in zip(rows, journal.get(key) or (), strict=True):
            scan = Scan.from_json(line)
            scans.append(scan if scan.reason else None)
            if not scan.reason:
                catalogue.add(row, number, inputs[number].group(row), scan.phash)
    joined = join_sets(catalogue)
    usable = iter(range(len(joined.ranks)))
    outcomes = []
    every_row = ((item, row) for item in inputs for row in item.converted.rows())
    for bad, (_, row) in zip(scans, every_row, strict=True):
        if bad is not None:
            outcomes.append(ImageOutcome("", "", bad.reason, bad.detail))
        else:
            outcomes.append(_outcome(row, next(usable), joined, catalogue))
    if options.test_images is not None:
        _leave_out_tests(inputs, outcomes, options.test_images, options.seed)
    return outcomes


def _outcome(row: ManifestRow, index: int, joined: Joined, catalogue: Catalogue) -> ImageOutcome:
    split, group = SPLITS[joined.ranks[index]], joined.groups[index]
    twin = int(joined.shown_by[index])
    if twin >= 0:
        where = SPLITS[joined.ranks[twin]]
        detail = f"the {where} image with sha256 {catalogue.sha256(twin)}… shows the same"
        return ImageOutcome("", "", DropReason(f"frame_shown_in_{where}"), detail)
    if split == "test" and row.masked:
        detail = f"it belongs to the test images of {group}, and test images are never painted"
        return ImageOutcome("", "", DropReason.MASKED_COPY_OF_TEST, detail)
    return ImageOutcome(split, group)


def _leave_out_tests(
    inputs: Sequence[MergeInput], outcomes: list[ImageOutcome], count: int, seed: int
) -> None:
    """Leave out all but so many test images of each dataset, chosen by a hash of their bytes."""
    lots: dict[str, list[tuple[bytes, int]]] = defaultdict(list)
    every_row = ((item, row) for item in inputs for row in item.converted.rows())
    for index, (item, row) in enumerate(every_row):
        if outcomes[index].split == "test":
            lot = hashlib.sha256(f"{seed}:{row.sha256}".encode()).digest()
            lots[item.source(row)].append((lot, index))
    for tests in lots.values():
        kept = set(heapq.nsmallest(count, tests))
        for drawn in tests:
            if drawn not in kept:
                outcomes[drawn[1]] = ImageOutcome(
                    "", "", DropReason.NOT_DRAWN_FOR_TEST, f"{count} test images are enough"
                )
