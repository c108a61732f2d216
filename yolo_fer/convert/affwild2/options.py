"""How Aff-Wild2 is converted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from yolo_fer.convert.affwild2.frame_choice import FrameChoice
from yolo_fer.convert.rules import BoxConvention, Unlabelled
from yolo_fer.convert.scan import FinderChoice
from yolo_fer.errors import UsageError


@dataclass(frozen=True, slots=True)
class Affwild2Options:
    """How Aff-Wild2 is converted.

    Args:
        frames: which of the labelled frames are used.
        unlabelled: what happens to unlabelled faces.
        boxes: whose box convention the set has.
        finder: which face finder looks for the faces.
        test: share of the validation videos that become the test split; the official test labels
            are not released.
        seed: the seed of that share.

    Raises:
        UsageError: if the share is outside 0 to 1.
    """

    frames: FrameChoice = field(default_factory=FrameChoice)
    unlabelled: Unlabelled = Unlabelled.MASK
    boxes: BoxConvention = BoxConvention.EXPW
    finder: FinderChoice = field(default_factory=lambda: FinderChoice("retinaface", "cpu", 0.5))
    test: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.test <= 1:
            raise UsageError(f"`test` is {self.test}; give a share from 0 to 1, such as 0.5")

    def to_json(self) -> dict[str, Any]:
        """Return what decides the result; devices, caches and worker counts do not."""
        return {
            "stride": self.frames.stride,
            "max_per_video": self.frames.max_per_video,
            "balance": self.frames.balance,
            "unlabelled": str(self.unlabelled),
            "boxes": str(self.boxes),
            "test": self.test,
            "seed": self.seed,
            "finder": self.finder.name,
            "face_score": self.finder.threshold,
        }
