"""The options of conversions: which faces come out of them, and how they run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from yolo_fer.convert.rules import BoxConvention, Unlabelled
from yolo_fer.convert.scan import FinderChoice
from yolo_fer.runtime.executor import Compute


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Compute):
    """How a conversion runs; nothing of it decides a byte of the result.

    Args:
        resume: go on with a conversion that was stopped; the result has the same bytes.
        overwrite: replace what an earlier conversion wrote.
    """

    resume: bool = False
    overwrite: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertOptions:
    """What decides the result of every conversion.

    Args:
        boxes: the box convention of the set.
        seed: the seed of the split, and of scenes where there are any.
    """

    boxes: BoxConvention = BoxConvention.EXPW
    seed: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return what decides the result; devices, caches and worker counts do not."""
        return {"boxes": str(self.boxes), "seed": self.seed}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotographOptions(ConvertOptions):
    """How images are converted that may show more faces than the labelled ones.

    Args:
        unlabelled: what is done with unlabelled faces.
        finder: the face finder that looks for faces.
    """

    unlabelled: Unlabelled = Unlabelled.MASK
    finder: FinderChoice = field(default_factory=FinderChoice)

    def to_json(self) -> dict[str, Any]:
        """Return what decides the result."""
        return {
            **ConvertOptions.to_json(self),
            "unlabelled": str(self.unlabelled),
            "finder": self.finder.name,
            "face_score": self.finder.threshold,
        }
