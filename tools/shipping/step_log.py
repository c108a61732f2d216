"""A CSV file with the figures of a training's steps, which stays right after a kill."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from yolo_fer.images import write_atomically


def log_step(path: Path, columns: Sequence[str], step: int, rows: Sequence[Sequence[str]]) -> None:
    """Add rows of a step; what stands there of this step and later ones is replaced.

    A training that was killed goes on from where it saved, so that it comes by some steps twice.

    Args:
        path: of the file.
        columns: names of the values.
        step: counted from 1; it stands before the values.
        rows: values, each a row.
    """
    kept: list[list[str]] = []
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            kept = [row for row in list(csv.reader(file))[1:] if int(row[0]) < step]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["step", *columns])
    writer.writerows(kept)
    writer.writerows([step, *row] for row in rows)
    write_atomically(path, text.getvalue().encode())
