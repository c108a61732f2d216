"""Whether a score of 0.7 is right seven times in ten."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yolo_fer.evaluate.matching import Matches, Outcome
from yolo_fer.evaluate.observations import Observations

FLOOR = 0.05  # below it lie thousands of boxes that nobody is shown, and they would drown the rest
_BINS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """Scores against precision, in bins of equal width (Küppers et al. 2020, D-ECE).

    Args:
        edges: (B + 1,) of the bins.
        counts: (B,) boxes in each.
        score: (B,) mean score of a bin, NaN for an empty one.
        precision: (B,) share of boxes on a face of the emotion that they name, NaN likewise.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    score: NDArray[np.float64]
    precision: NDArray[np.float64]

    @property
    def error(self) -> float:
        """The expected calibration error, 0 to 1; NaN without boxes."""
        used = self.counts > 0
        if not used.any():
            return float("nan")
        gaps = np.abs(self.score[used] - self.precision[used])
        return float(np.average(gaps, weights=self.counts[used]))


def reliability(seen: Observations, emotions: Matches) -> Reliability:
    """Compare the largest of the seven scores of each box with how often it is right.

    Boxes on ignored faces and boxes that score less than `FLOOR` are left out.
    """
    best = seen.scores.argmax(axis=1)
    rows = np.arange(len(best))
    score, outcome = seen.scores[rows, best], emotions.outcome[rows, best]
    used = (outcome != Outcome.NOT_COUNTED) & (score >= FLOOR)
    edges = np.linspace(0, 1, _BINS + 1)
    bins = np.clip(np.digitize(score[used], edges) - 1, 0, _BINS - 1)
    counts = np.bincount(bins, minlength=_BINS)
    right = np.bincount(bins, outcome[used] == Outcome.TRUE, _BINS)
    total = np.bincount(bins, score[used], _BINS)
    with np.errstate(invalid="ignore"):
        return Reliability(edges, counts, total / counts, right / counts)
