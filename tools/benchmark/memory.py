"""How much memory a conversion of ExpW's size takes, and whether it grows with the rows."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from tools.benchmark.figures import Figure
from yolo_fer.convert.expw import ExpwOptions, convert_expw
from yolo_fer.convert.expw_source import ExpwFolder
from yolo_fer.convert.options import Run
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.errors import UsageError
from yolo_fer.images import encode_jpeg

_ROWS_PER_IMAGE = 4 / 3
_SHARES = (0.25, 0.5, 0.75, 1.0)
_LARGEST, _MOST_GROWTH = 1000, 1.2

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading:
    """Resident memory in MB when so much of a step was done: now, and at most until now."""

    step: str
    share: float
    main: float
    workers: tuple[float, ...]
    main_peak: float
    worker_peak: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What a conversion took: readings in their order, and the seconds of all."""

    rows: int
    images: int
    readings: tuple[Reading, ...]
    seconds: float


def write_large_expw(root: Path, rows: int, near_share: float) -> None:
    """Write a folder in ExpW's layout with many small images.

    Args:
        root: where to write.
        rows: of label.lst; each third image has two.
        near_share: share of the images that all show one picture, with files that differ.
    """
    origin = root / "image" / "origin"
    origin.mkdir(parents=True)
    (root / "label").mkdir()
    count = max(1, round(rows / _ROWS_PER_IMAGE))
    same = _picture(np.random.default_rng(0))
    lines: list[str] = []
    for index in range(count):
        alike = index < near_share * count
        data = same if alike else _picture(np.random.default_rng(index + 1))
        name = f"picture_{index:06d}.jpg"
        # Behind the end of the image a reader stops: another file with the same pixels.
        (origin / name).write_bytes(data + index.to_bytes(4) if alike else data)
        lines.append(f"{name} 0 10 10 50 50 80.0 {index % 7}")
        if index % 3 == 0:
            lines.append(f"{name} 1 10 60 100 50 80.0 {(index + 1) % 7}")
    text = "".join(f"{line}\n" for line in lines[:rows])
    (root / "label" / "label.lst").write_text(text, encoding="utf-8")


def _picture(rng: np.random.Generator) -> bytes:
    coarse = rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)
    return encode_jpeg(np.asarray(cv2.resize(coarse, (128, 96), interpolation=cv2.INTER_CUBIC)))


def measure_memory(root: Path, out: Path, unlabelled: Unlabelled, workers: int) -> Measured:
    """Convert in a process of its own, so that its peak is that of nothing else."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_convert, root, out, unlabelled, workers).result()


def _convert(root: Path, out: Path, unlabelled: Unlabelled, workers: int) -> Measured:
    readings: list[Reading] = []

    def watch(items: Iterable[T], description: str, total: int) -> Iterator[T]:
        wanted = {max(1, round(share * total)): share for share in _SHARES}
        for number, item in enumerate(items, start=1):
            if number in wanted:
                readings.append(_read(description, wanted[number]))
            yield item

    start = time.perf_counter()
    options = ExpwOptions(unlabelled=unlabelled)
    report = convert_expw(root, out, options, Run(workers, progress=watch))
    seconds = time.perf_counter() - start
    images = len(ExpwFolder.find(root).images())
    assert report is not None  # there is something to do in a new folder
    return Measured(report["rows_in"], images, tuple(readings), seconds)


def _read(step: str, share: float) -> Reading:
    main, main_peak = resident("self")
    workers = [resident(str(child.pid)) for child in multiprocessing.active_children()]
    now = tuple(rss for rss, _ in workers)
    worker_peak = max((peak for _, peak in workers), default=main_peak)
    return Reading(step, share, main, now, main_peak, worker_peak)


def resident(pid: str) -> tuple[float, float]:
    """Return a process's resident memory in MB, now and at most.

    The kernel's own figures: `ru_maxrss` of a child counts what its parent had before it started.
    """
    status = Path("/proc", pid, "status")
    if not status.is_file():
        raise UsageError("memory can be measured on Linux only: other systems have no /proc")
    lines = (
        line.partition(":")
        for line in status.read_text(encoding="utf-8", errors="replace").splitlines()
    )
    kilobytes = {key: value for key, _, value in lines}
    now, peak = (int(kilobytes[key].split()[0]) * 1.024e-3 for key in ("VmRSS", "VmHWM"))
    return now, peak


def memory_figures(measured: Measured, setting: str) -> list[Figure]:
    """Return the peaks and the growth compared with their goals.

    The growth of the workers is counted from the first quarter of each step, when everything that
    they need once has been loaded.
    """
    growth = 1.0
    for step in {reading.step for reading in measured.readings}:
        largest = [max(r.workers, default=r.main) for r in measured.readings if r.step == step]
        growth = max(growth, max(largest) / largest[0])
    course = "; ".join(
        f"{r.step} {r.share:.0%}: {r.main:.0f} + {'/'.join(f'{w:.0f}' for w in r.workers)}"
        for r in measured.readings
    )
    return [
        _peak("peak memory of a worker", max(r.worker_peak for r in measured.readings), setting),
        _peak(
            "peak memory of the main process", max(r.main_peak for r in measured.readings), setting
        ),
        Figure(
            "growth of the largest worker after a quarter of the rows",
            (growth,),
            "x",
            _MOST_GROWTH,
            at_most=True,
            setting=f"resident MB, main + workers: {course}",
        ),
    ]


def _peak(name: str, megabytes: float, setting: str) -> Figure:
    return Figure(name, (megabytes,), " MB", _LARGEST, at_most=True, setting=setting)
