"""Which of a video's labelled frames are converted: neighbouring frames are nearly the same."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.emotions import Emotion
from yolo_fer.errors import UsageError

Labelled = Mapping[int, Sequence[Emotion]]
"""For each frame that has labels the emotions of its people."""


@dataclass(frozen=True, slots=True)
class FrameChoice:
    """How many of the labelled frames are used.

    Args:
        stride: the distance of the frames: 1, 1 + stride, 1 + 2 · stride, ... are used. Those of
            one stride are among those of any stride that divides it.
        max_per_video: the greatest number of frames of a video, evenly spread; None sets no limit.
        balance: thin out the frames of frequent emotions in the training videos.

    Raises:
        UsageError: if a number is not positive.
    """

    stride: int = 1
    max_per_video: int | None = None
    balance: bool = False

    def __post_init__(self) -> None:
        if self.stride < 1:
            raise UsageError(f"`stride` is {self.stride}; give a whole number from 1")
        if self.max_per_video is not None and self.max_per_video < 1:
            raise UsageError(f"`max_per_video` is {self.max_per_video}; give a number from 1")

    def choose(self, labelled: Labelled, shares: Mapping[Emotion, float] | None) -> dict[int, str]:
        """Return for each labelled frame why it is not used; the reason is empty if it is used.

        Args:
            labelled: the emotions of each labelled frame, by its number from 1.
            shares: the shares of each emotion's frames that are used; None uses all.

        Returns:
            For each frame one of `stride`, `balance`, `over_cap` and the empty string.
        """
        reasons = {frame: "" for frame in sorted(labelled)}
        for frame in reasons:
            if (frame - 1) % self.stride:
                reasons[frame] = DropReason.STRIDE
        if shares is not None:
            kept = _thinned(labelled, _without_reason(reasons), shares)
            _give_reason(reasons, kept, DropReason.BALANCE)
        if self.max_per_video is not None:
            spread = _evenly(_without_reason(reasons), self.max_per_video)
            _give_reason(reasons, spread, DropReason.OVER_CAP)
        return reasons


def _without_reason(reasons: Mapping[int, str]) -> list[int]:
    return [frame for frame, reason in reasons.items() if not reason]


def _give_reason(reasons: dict[int, str], kept: Iterable[int], reason: str) -> None:
    used = set(kept)
    for frame in _without_reason(reasons):
        if frame not in used:
            reasons[frame] = reason


def _evenly(frames: Sequence[int], count: int) -> list[int]:
    if len(frames) <= count:
        return list(frames)
    return [frames[(2 * i + 1) * len(frames) // (2 * count)] for i in range(count)]


def _thinned(
    labelled: Labelled, frames: Sequence[int], shares: Mapping[Emotion, float]
) -> set[int]:
    """Keep an even share of each emotion's frames; a frame stays if any of its people needs it."""
    by_emotion: dict[Emotion, list[int]] = defaultdict(list)
    for frame in frames:
        for emotion in set(labelled[frame]):
            by_emotion[emotion].append(frame)
    return {
        frame
        for emotion, theirs in by_emotion.items()
        for frame in _evenly(theirs, math.ceil(shares[emotion] * len(theirs)))
    }


def balanced_shares(counts: Counter[Emotion]) -> dict[Emotion, float]:
    """Return which share of each emotion's labels leaves as many of all as the rarest has."""
    least = min((count for count in counts.values() if count), default=0)
    return {emotion: least / count for emotion, count in counts.items() if count}
