"""What all label files have in common: rows that cannot be used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeVar

from yolo_fer.dataset.ledger import Ledger

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used: its line, its image as far as known, why, and the details."""

    line: int
    image: str
    reason: str
    detail: str


def usable(rows: Iterable[Row | BadRow], ledger: Ledger) -> Iterator[Row]:
    """Yield the rows that can be used, and account for all."""
    for row in rows:
        ledger.rows_in += 1
        if isinstance(row, BadRow):
            ledger.drop(row.line, row.image, row.reason, row.detail)
        else:
            yield row


def leads_outside(name: str) -> bool:
    """Return whether a file name of a row leads out of the folder that it should lie in."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name) is not None
