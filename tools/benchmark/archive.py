"""How an archive is predicted by more workers, and what its main process takes."""

from __future__ import annotations

import multiprocessing
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer

from tools.benchmark.figures import Figure, in_words, interleave, seconds_into
from tools.benchmark.memory import resident
from tools.benchmark.options import Repeats, Report
from yolo_fer.archive.job import JobResult
from yolo_fer.archive.options import ArchiveOptions
from yolo_fer.archive.run import predict_archive
from yolo_fer.cli.option_groups import with_groups
from yolo_fer.evaluate.stopwatch import per_pair
from yolo_fer.images import encode_jpeg
from yolo_fer.outputs.face_table import TableFormat
from yolo_fer.runtime.executor import Compute
from yolo_fer.systems import SystemOptions

_MOST_MEGABYTES, _MOST_GROWTH, _FIRST_SECONDS, _LEAST_SPEED_UP = 300, 1.1, 5, 1.85
_FRAME = (360, 640)


@with_groups
def archive(
    *,
    videos: Annotated[int, typer.Option(min=2, help="Videos to draw.")] = 16,
    frames: Annotated[int, typer.Option(min=1, help="Of each video.")] = 300,
    images: Annotated[int, typer.Option(min=2, help="Images to draw.")] = 4000,
    many: Annotated[int, typer.Option(min=10, help="Tiny images for the memory.")] = 100_000,
    repeats: Repeats = 3,
    report: Report,
) -> None:
    """Archives: two workers compared with one, and the main process over many sources."""

    def measure(folder: Path) -> list[Figure]:
        write_videos(folder / "videos", videos, frames)
        write_images(folder / "images", images, _FRAME)
        write_images(folder / "many", many, (32, 32))
        write_images(folder / "few", max(2, many // 100), (32, 32))
        return [
            speed_up(folder / "videos", folder, f"{videos} videos of {frames} frames", repeats),
            speed_up(folder / "images", folder, f"{images} images", repeats),
            *main_process(folder / "few", folder / "many", many, folder),
        ]

    report.of(measure)


def write_videos(folder: Path, count: int, frames: int) -> None:
    """Write videos of noise that moves, each another one."""
    folder.mkdir()
    fourcc = cv2.VideoWriter_fourcc(*"mp4v")  # type: ignore[attr-defined,unused-ignore]
    height, width = _FRAME
    for number in range(count):
        picture = _noise(number, (height, 2 * width))
        writer = cv2.VideoWriter(str(folder / f"{number:04d}.mp4"), fourcc, 25, (width, height))
        for frame in range(frames):
            left = frame % width
            writer.write(np.ascontiguousarray(picture[:, left : left + width]))
        writer.release()


def write_images(folder: Path, count: int, size: tuple[int, int]) -> None:
    """Write JPEG files of noise in folders of a thousand; a few pictures again and again."""
    pictures = [encode_jpeg(_noise(number, size)) for number in range(8)]
    for number in range(count):
        path = folder / f"{number // 1000:04d}" / f"{number:06d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pictures[number % len(pictures)])


def _noise(seed: int, size: tuple[int, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    coarse = np.random.default_rng(seed).integers(0, 256, (9, 16, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)


def speed_up(root: Path, scratch: Path, what: str, repeats: int) -> Figure:
    """Compare two workers with one, the start of their processes included.

    Args:
        root: of the archive.
        scratch: where the results go, and none is left.
        what: the archive in words.
        repeats: pairs that count.
    """

    def run(workers: int) -> float:
        options = ArchiveOptions()
        return seconds_into(lambda out: _predict(root, out, workers, options), scratch / "out")

    two, one = interleave(partial(run, 2), partial(run, 1), repeats)
    return Figure(
        f"predict --out on {root.name}: speed of two workers : one",
        per_pair(one, two),
        "x",
        _LEAST_SPEED_UP,
        at_most=False,
        setting=f"{what}, a thread each, Parquet, {in_words(two, one)}",
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    """A run: its main process in MB at most, seconds to its first file, and all seconds."""

    megabytes: float
    first: float
    seconds: float


def main_process(few: Path, archive: Path, many: int, scratch: Path) -> list[Figure]:
    """Measure the memory of the main process over few and many tiny sources.

    Args:
        few: the folder of a hundredth of the sources.
        archive: the folder of all of them.
        many: how many these are.
        scratch: where the results go.
    """
    small, large = (_in_a_process(root, scratch / "out") for root in (few, archive))
    setting = f"{many} images of 32 x 32 pixels, 2 workers, {large.seconds:.0f} s"
    growth = large.megabytes / small.megabytes
    return [
        Figure(
            "peak memory of the main process of predict --out",
            (large.megabytes,), " MB", _MOST_MEGABYTES, at_most=True, setting=setting,
        ),
        Figure(
            "its growth from a hundredth of the sources",
            (growth,), "x", _MOST_GROWTH, at_most=True, setting=f"{small.megabytes:.0f} MB there",
        ),
        Figure(
            "until the first job of predict --out is written",
            (large.first,), " s", _FIRST_SECONDS, at_most=True, setting=setting,
        ),
    ]  # fmt: skip


def _in_a_process(root: Path, out: Path) -> _Measured:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        measured = pool.submit(_measure, root, out).result()
    shutil.rmtree(out)
    return measured


def _measure(root: Path, out: Path) -> _Measured:
    start = time.perf_counter()
    written: list[float] = []

    def note(_: JobResult) -> None:
        if not written:
            written.append(time.perf_counter() - start)

    options = ArchiveOptions(SystemOptions(imgsz=32), table_format=TableFormat.CSV)
    _predict(root, out, 2, options, note)
    return _Measured(resident("self")[1], written[0], time.perf_counter() - start)


def _predict(
    root: Path,
    out: Path,
    workers: int,
    options: ArchiveOptions,
    told: Callable[[JobResult], None] = lambda _: None,
) -> None:
    compute = Compute(workers=workers)
    account = predict_archive((str(root),), out, options, compute=compute, told=told)
    assert account.sources == account.done  # a figure of failures is worth nothing
