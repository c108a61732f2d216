"""A CSV file with the figures of a training's steps, which stays right after a kill."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from yolo_fer.files import write_atomically


def log_step(path: Path, columns: Sequence[str], step: int, rows: Sequence[Sequence[str]]) -> None:
    """Add rows of a step; what stands there of this step and later ones is replaced.

    A training that was killed goes on from where it saved, so that it comes by some steps twice.

    Args:
        path: of the file.
        columns: names of the values.
        step: counted from 1; it stands before the values.
        rows: values without commas, each a row.
    """
    old = path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []
    kept = [line for line in old if int(line.partition(",")[0]) < step]
    new = [",".join([str(step), *row]) for row in rows]
    lines = [",".join(["step", *columns]), *kept, *new]
    write_atomically(path, "".join(f"{line}\n" for line in lines).encode())
