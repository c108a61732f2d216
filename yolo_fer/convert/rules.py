"""The options that decide which faces come out of a conversion."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from yolo_fer.convert.splits import SplitShares


class Unlabelled(StrEnum):
    """What happens to faces that nobody labelled."""

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
        unlabelled: what happens to faces that nobody labelled.
        convention: whose boxes.
        seed: of the split.
        shares: of the groups for val and test.
    """

    unlabelled: Unlabelled
    convention: BoxConvention
    seed: int
    shares: SplitShares
