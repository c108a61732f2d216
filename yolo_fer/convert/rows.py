"""What all label files have in common: rows that cannot be used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used: its line, its image as far as known, why, and the details."""

    line: int
    image: str
    reason: str
    detail: str


def leads_outside(name: str) -> bool:
    """Tell whether a file name of a row leads out of the folder that it should lie in."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name) is not None
