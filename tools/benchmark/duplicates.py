"""What it costs to find near-duplicates among more and more hashes of photographs and frames."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from tools.benchmark.figures import Figure
from yolo_fer.convert.merge.joining import Catalogue, join_sets
from yolo_fer.dataset.converted_set import ManifestRow
from yolo_fer.dataset.duplicates import HASH_BYTES
from yolo_fer.dataset.ledger import SPLITS
from yolo_fer.dataset.near_index import near_groups
from yolo_fer.evaluate.stopwatch import stopwatch
from yolo_fer.inspect.across_splits import SplitContents, compare_splits
from yolo_fer.inspect.findings import new_checks
from yolo_fer.runtime.executor import default_workers

Hashes = NDArray[np.uint8]

_COPIES = 0.02  # of all photographs
_FRAMES = 300  # of a video
_MOVE = 0.004  # share of the bits that change from frame to frame: one of 256
_MOST_SECONDS = 600.0
_MOST_GROWTH = 1.5  # n log n from 10,000 to a million


def photographs(number: int) -> Hashes:
    """Make hashes that have nothing in common, but for copies with a tenth of the bits changed."""
    rng = np.random.default_rng(number)
    hashes = rng.integers(0, 256, (number, HASH_BYTES), dtype=np.uint8)
    copies = rng.permutation(number)[: 2 * int(_COPIES * number)].reshape(2, -1)
    hashes[copies[0]] = hashes[copies[1]] ^ _noise(rng, copies.shape[1], 0.1)
    return hashes


def frames(number: int) -> Hashes:
    """Make hashes of the frames of videos, each a bit away from the one before."""
    rng = np.random.default_rng(number)
    hashes = rng.integers(0, 256, (number, HASH_BYTES), dtype=np.uint8)
    for start in range(0, number, _FRAMES):
        moved = _noise(rng, len(hashes[start : start + _FRAMES]), _MOVE)
        hashes[start : start + _FRAMES] = hashes[start] ^ np.bitwise_xor.accumulate(moved)
    return hashes


def _noise(rng: np.random.Generator, number: int, share: float) -> Hashes:
    return np.packbits(rng.random((number, 8 * HASH_BYTES)) < share, axis=1)


def _group(hashes: Hashes, _: bool) -> str:
    return f"{len(np.unique(near_groups(hashes)))} groups"


def _check(hashes: Hashes, _: bool) -> str:
    """Compare the splits of a set, as `check` does after it has looked at the images."""
    splits = {split: SplitContents() for split in SPLITS}
    for i, (one, split) in enumerate(zip(hashes, _splits(len(hashes)), strict=True)):
        digest = i.to_bytes(16)
        splits[split].add(f"{i}.jpg", (f"group{i // _FRAMES}",), digest, one.tobytes(), (1,))
    checks = new_checks(converted=True)
    compare_splits(splits, checks)
    return f"{checks['near_duplicates'].found} near-duplicates"


def _merge(hashes: Hashes, video: bool) -> str:
    """Decide where the images of two sets go, as `merge` does once it has their hashes."""
    catalogue = Catalogue()
    for i, (one, split) in enumerate(zip(hashes, _splits(len(hashes)), strict=True)):
        sha256 = hashlib.sha256(one.tobytes() + i.to_bytes(8)).hexdigest()
        group, frame = (f"video{i // _FRAMES}", i % _FRAMES) if video else (f"image{i}", None)
        row = ManifestRow(i, "", sha256, "", "", sha256, frame, group, split, 1, 0, ())
        catalogue.add(row, i % 2, group, one.tobytes().hex())
    joined = join_sets(catalogue)
    return f"{len(set(joined.groups))} groups, {int((joined.shown_by >= 0).sum())} left out"


def _splits(number: int) -> list[str]:
    """Put whole videos into train, val and test, 8:1:1."""
    return [SPLITS[max(i // _FRAMES % 10 - 7, 0)] for i in range(number)]


def duplicates(sizes: Sequence[int], at_once: int) -> list[Figure]:
    """Time the grouping of more and more images, and `check` and `merge` of so many.

    Args:
        sizes: numbers of images whose groups are found.
        at_once: number of images that are checked and merged.
    """
    figures = []
    for name, make in (("photographs", photographs), ("frames", frames)):
        video = make is frames
        per_image = []
        for n in sizes:
            figure, cpu = _timed(f"groups of {n} {name}", _group, make(n), video)
            figures.append(figure)
            per_image.append(cpu / n)
        growth = per_image[-1] / per_image[0] * math.log(sizes[0]) / math.log(sizes[-1])
        cells = ", ".join(f"{1e6 * seconds:.0f} us" for seconds in per_image)
        setting = f"from {sizes[0]} to {sizes[-1]}; CPU time of an image {cells}"
        title = f"growth of the cost of {name} compared with n log n"
        figures.append(Figure(title, (growth,), "x", _MOST_GROWTH, True, setting))
        if at_once:
            hashes = make(at_once)
            for job, what in (("check", _check), ("merge", _merge)):
                figures.append(_timed(f"{job} of {at_once} {name}", what, hashes, video)[0])
    return figures


def _timed(
    name: str, what: Callable[[Hashes, bool], str], hashes: Hashes, video: bool
) -> tuple[Figure, float]:
    """Return a figure, and the CPU time, which does not depend on what else is running."""
    seconds: list[float] = []
    begun = time.process_time()
    with stopwatch(seconds):
        result = what(hashes, video)
    cpu = time.process_time() - begun
    setting = f"{result}; CPU time {cpu:.1f} s, {default_workers()} cores"
    return Figure(name, tuple(seconds), " s", _MOST_SECONDS, True, setting), cpu
