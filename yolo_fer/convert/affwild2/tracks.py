"""Following faces through the frames of a video by position and size.

A detection goes to the track whose straight continuation it is. Where two tracks could claim it, or
a track could claim two detections, none is assigned: the identity is in doubt there, and after it
motion tells the tracks apart again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

REACH = 90
"""Frames for which a face may be missing and still be followed: three seconds at 30 a second."""

# In units of a face's size, the root of its area.
_MOST_MOVED, _MOVED_PER_MISSED, _MOVED_AT_ALL = 0.5, 0.03, 1.0
# In octaves of a face's size.
_MOST_SCALED, _SCALED_PER_MISSED, _SCALED_AT_ALL = 0.5, 0.02, 1.0
# A cost is the sum of both. A face that was seen just now wins over one that was lost long ago.
_CLEARLY_BETTER, _COST_PER_MISSED = 0.3, 0.01
_MOST_EXTRAPOLATED = 20  # frames; after that a velocity says nothing
_VELOCITY_SHARE = 0.3  # of the newest step in the running mean


@dataclass(slots=True)
class _Track:
    number: int
    frame: int
    centre: NDArray[np.float64]
    size: float
    velocity: NDArray[np.float64]

    def predicted(self, frame: int) -> NDArray[np.float64]:
        return self.centre + self.velocity * min(frame - self.frame, _MOST_EXTRAPOLATED)

    def move(self, frame: int, centre: NDArray[np.float64], size: float) -> None:
        step = (centre - self.centre) / (frame - self.frame)
        self.velocity = (1 - _VELOCITY_SHARE) * self.velocity + _VELOCITY_SHARE * step
        self.frame, self.centre, self.size = frame, centre, size


class CautiousTracker:
    """Gives the faces of a stream of frames the numbers of their tracks.

    Args:
        reach: the number of frames for which a face may be missing and still count as the same
            face.
    """

    def __init__(self, reach: int = REACH) -> None:
        self._reach = reach
        self._tracks: list[_Track] = []
        self._next = 0

    def step(self, frame: int, boxes: NDArray[Any]) -> list[int | None]:
        """Take the faces of the next frame.

        Args:
            frame: the number of the frame; greater than that of the step before, not necessarily by
                one.
            boxes: (N, 4) left, top, right, bottom in pixels.

        Returns:
            The number of each face's track, None where it is in doubt.
        """
        self._tracks = [t for t in self._tracks if frame - t.frame <= self._reach]
        centres = (boxes[:, :2] + boxes[:, 2:]) / 2
        sizes = np.sqrt(np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 1), axis=1))
        costs = self._costs(frame, centres, sizes)
        pairs = _assign(costs)
        doubtful = _doubtful(costs, pairs)
        numbers: list[int | None] = [None] * len(boxes)
        for row, column in pairs.items():
            if row not in doubtful:
                track = self._tracks[row]
                track.move(frame, centres[column], float(sizes[column]))
                numbers[column] = track.number
        for column in set(range(len(boxes))) - set(pairs.values()):
            numbers[column] = self._next
            still = np.zeros(2)
            self._tracks.append(
                _Track(self._next, frame, centres[column], float(sizes[column]), still)
            )
            self._next += 1
        return numbers

    def _costs(
        self, frame: int, centres: NDArray[np.float64], sizes: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return (tracks, faces) how ill each face continues each track, inf if it cannot."""
        costs = np.full((len(self._tracks), len(centres)), np.inf)
        for row, track in enumerate(self._tracks):
            missed = frame - track.frame - 1
            distances = np.linalg.norm(centres - track.predicted(frame), axis=1)
            moved = distances / np.sqrt(sizes * track.size)
            scaled = np.abs(np.log2(sizes / track.size))
            possible = moved <= min(_MOST_MOVED + _MOVED_PER_MISSED * missed, _MOVED_AT_ALL)
            possible &= scaled <= min(_MOST_SCALED + _SCALED_PER_MISSED * missed, _SCALED_AT_ALL)
            costs[row, possible] = (moved + scaled)[possible] + _COST_PER_MISSED * missed
        return costs


def _assign(costs: NDArray[np.float64]) -> dict[int, int]:
    """Pair rows and columns, the least cost first; no index stands twice."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for flat in np.argsort(costs, axis=None, kind="stable"):
        row, column = divmod(int(flat), costs.shape[1])
        if not np.isfinite(costs[row, column]):
            break
        if row not in pairs and column not in taken:
            pairs[row] = column
            taken.add(column)
    return pairs


def _doubtful(costs: NDArray[np.float64], pairs: dict[int, int]) -> set[int]:
    """Return the rows of the pairs to which there is an alternative that is hardly worse."""
    doubtful: set[int] = set()
    for row, column in pairs.items():
        own = costs[row, column]
        for other in range(len(costs)):
            if other == row or not np.isfinite(costs[other, column]):
                continue
            if other not in pairs:  # its face is not found: this one could be it
                if costs[other, column] < own + _CLEARLY_BETTER:
                    doubtful.add(row)
                continue
            swapped = costs[row, pairs[other]] + costs[other, column]
            if swapped < own + costs[other, pairs[other]] + _CLEARLY_BETTER:
                doubtful |= {row, other}
        for unclaimed in set(range(costs.shape[1])) - set(pairs.values()):
            if costs[row, unclaimed] < own + _CLEARLY_BETTER:
                doubtful.add(row)
    return doubtful


def follow(
    frames: Iterable[tuple[int, NDArray[Any]]], reach: int = REACH
) -> list[Sequence[int | None]]:
    """Return the track numbers of all faces of a video; see `CautiousTracker.step`."""
    tracker = CautiousTracker(reach)
    return [tracker.step(frame, boxes) for frame, boxes in frames]
