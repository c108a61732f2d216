"""The options that decide which faces come out of a conversion."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unlabelled(StrEnum):
    """What happens to unlabelled faces."""

    MASK = "mask"
    IGNORE = "ignore"
    KEEP = "keep"
    DROP = "drop"


class BoxConvention(StrEnum):
    """Whose boxes a converted set has."""

    EXPW = "expw"
    RETINAFACE = "retinaface"


@dataclass(frozen=True, slots=True)
class Rules:
    """How rows and found faces become the faces of a set.

    Args:
        unlabelled: what is done with unlabelled faces.
        convention: the box convention of the set.
    """

    unlabelled: Unlabelled
    convention: BoxConvention
