"""Which faces are found at the threshold with which a predictor is used."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from yolo_fer.dataset.labels import IGNORED
from yolo_fer.evaluate.matching import IOU_THRESHOLDS, Matches, Problem, match
from yolo_fer.evaluate.observations import Observations


@dataclass(frozen=True, slots=True, eq=False)
class AllFacesFound:
    """Finding of all faces, labelled or not, where all are boxed.

    Args:
        problem: see `Problem.of_all_faces`.
        matches: the matches of all boxes, at IoU 0.5.
        found: (G,) which true faces are found at the threshold.
    """

    problem: Problem
    matches: Matches
    found: NDArray[np.bool_]

    @property
    def counted(self) -> NDArray[np.bool_]:
        """(G,) which true faces are to be found."""
        return np.asarray(self.problem.truth_classes != IGNORED)


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """Which true faces are found at the threshold, at IoU 0.5.

    Args:
        found: (G,) among the labelled faces; the others count as not found.
        all_faces: labelled or not; None if no unlabelled face that can be seen is boxed.
    """

    found: NDArray[np.bool_]
    all_faces: AllFacesFound | None


def find_faces(seen: Observations) -> Finding:
    """Match the boxes that are shown to the true faces."""
    problem = Problem.of_all_faces(seen)
    known = (problem.truth_classes != IGNORED) & ~seen.labelled
    all_faces = None
    if known.any():
        matches = match(problem, IOU_THRESHOLDS[:1])
        all_faces = AllFacesFound(problem, matches, _found(problem, seen))
    return Finding(_found(Problem.of_faces(seen), seen), all_faces)


def _found(problem: Problem, seen: Observations) -> NDArray[np.bool_]:
    shown = replace(problem, scores=np.where(seen.shown[:, None], problem.scores, 0))
    return np.asarray(match(shown, IOU_THRESHOLDS[:1]).found_by >= 0)
