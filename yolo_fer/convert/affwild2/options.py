"""How Aff-Wild2 is converted."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from yolo_fer.convert.affwild2.detections import default_cache
from yolo_fer.convert.affwild2.frame_choice import FrameChoice
from yolo_fer.convert.options import PhotographOptions
from yolo_fer.errors import UsageError
from yolo_fer.paths import resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Affwild2Options(PhotographOptions):
    """How Aff-Wild2 is converted; see `PhotographOptions` for what is not listed here.

    Args:
        frames: the choice of the labelled frames that are used.
        test: share of the validation videos that become the test split; the official test labels
            are not released.
        cache: the folder in which found faces are kept for later conversions; it does not change
            the result.

    Raises:
        UsageError: if the share is outside 0 to 1.
    """

    frames: FrameChoice = field(default_factory=FrameChoice)
    test: float = 0.5
    cache: Path = field(default_factory=default_cache)

    def __post_init__(self) -> None:
        if not 0 <= self.test <= 1:
            raise UsageError(f"`test` is {self.test}; give a share from 0 to 1, such as 0.5")

    def resolved(self) -> Affwild2Options:
        """Return the same options for workers in another folder."""
        return replace(self, cache=resolved(self.cache))

    def to_json(self) -> dict[str, Any]:
        """Return what decides the result."""
        return {**PhotographOptions.to_json(self), **asdict(self.frames), "test": self.test}
