"""Archives of drawn images and short videos, predicted, and what was written of them."""

from __future__ import annotations

import csv
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from tests.helpers.clips import grey_frames, write_mp4
from yolo_fer.archive.account import Account
from yolo_fer.archive.job import JobResult, Task, run_job
from yolo_fer.archive.options import ArchiveOptions
from yolo_fer.archive.run import predict_archive
from yolo_fer.archive.sources import Job
from yolo_fer.images import reading
from yolo_fer.inputs import image_bytes
from yolo_fer.outputs.face_table import TableFormat
from yolo_fer.predict.stream import Following
from yolo_fer.runtime.executor import Compute
from yolo_fer.systems import Choice, SystemOptions

DEADLY = "deadly.png"


def draw(path: Path, level: int = 100) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    PillowImage.fromarray(np.full((320, 320, 3), level, np.uint8)).save(path)
    return path


def film(path: Path, frames: int = 10) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_mp4(path, grey_frames(frames))


def options(weights: Path, *, smooth: float | None = None, **others: Any) -> ArchiveOptions:
    system = SystemOptions(Choice(str(weights)))
    following = Following(others.pop("track", False), smooth)
    others.setdefault("table_format", TableFormat.CSV)
    return ArchiveOptions(system, following, **others)


def predict(
    sources: Path | Sequence[str | Path], out: Path, how: ArchiveOptions, **others: Any
) -> Account:
    named = [sources] if isinstance(sources, Path) else sources
    compute = Compute(workers=others.pop("workers", 1), dask=others.pop("dask", None))
    return predict_archive(tuple(map(str, named)), out, how, compute=compute, **others)


def content(out: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    files = (path for path in out.rglob("*") if path.is_file())
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def ledger(out: Path) -> dict[str, dict[str, str]]:
    """The rows of the ledger by the last part of the source's name."""
    return {Path(row["source"]).name: row for row in table(out / "_sources")}


def table(folder: Path) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += csv.DictReader(file)
    return rows


def run_deadly_job(task: Task, job: Job) -> JobResult:
    """`run_job` in a process that is killed where it reads `deadly.png`."""
    read, read_object = reading.read_bytes, image_bytes.read_object

    def die_at(name: str) -> None:
        if name.endswith(DEADLY):
            os.kill(os.getpid(), signal.SIGKILL)

    def read_or_die(path: Path) -> bytes:
        die_at(path.name)
        return read(path)

    def read_object_or_die(address: str, most: int) -> bytes:
        die_at(address)
        return read_object(address, most)

    reading.read_bytes, image_bytes.read_object = read_or_die, read_object_or_die
    try:
        return run_job(task, job)
    finally:
        reading.read_bytes, image_bytes.read_object = read, read_object


def run_job_that_dies_once(task: Task, job: Job) -> JobResult:
    """`run_job` in a process of which the first is killed."""
    mark = task.parts.out.parent / "died"
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return run_job(task, job)
