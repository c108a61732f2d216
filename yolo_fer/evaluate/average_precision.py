"""Average precision of one class from matched detections, with a weight for each image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yolo_fer.evaluate.matching import Matches, Outcome, Problem

RECALLS: NDArray[np.float64] = np.linspace(0.0, 1.0, 101)  # where COCO samples the precision
_THRESHOLDS: NDArray[np.float64] = np.linspace(0.001, 1.0, 1000)


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The counted detections of one class, best score first.

    Args:
        scores: (D,) descending.
        images: (D,) index of the image of each.
        hits: (D,) whether it found a face.
        positives: (N,) number of labelled faces of this class in each image.
    """

    scores: NDArray[np.float64]
    images: NDArray[np.intp]
    hits: NDArray[np.bool_]
    positives: NDArray[np.float64]

    def average_precision(self, weights: NDArray[np.float64]) -> float:
        """Return the average precision if image i stood `weights[i]` times in the set.

        With all weights 1 it is the number of pycocotools: the precision at 101 recalls, each the
        best at that recall or a higher one.

        Returns:
            0 to 1; NaN if the class has no face in images of positive weight.
        """
        positives = weights @ self.positives
        if positives == 0:
            return float("nan")
        of_detections = weights[self.images]
        true = np.cumsum(of_detections[self.hits])
        if not true.size:
            return 0.0
        # Between two hits the precision only falls, so the best one is always at a hit.
        all_so_far = np.cumsum(of_detections)[self.hits]
        precision = true / (all_so_far + np.spacing(1))
        envelope = np.maximum.accumulate(precision[::-1])[::-1]
        at = np.searchsorted(true / positives, RECALLS, side="left")
        return float(envelope[at[at < envelope.size]].sum() / RECALLS.size)

    def precision_recall_at(
        self, thresholds: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return precision and recall of the detections that score at least each threshold.

        Precision is NaN where there is no detection, recall is NaN if the class has no face.
        """
        kept = np.searchsorted(-self.scores, -thresholds, side="right")
        true = np.concatenate([[0], np.cumsum(self.hits)])[kept]
        faces = self.positives.sum()
        with np.errstate(invalid="ignore"):
            return true / kept, true / np.float64(faces)


def rank(problem: Problem, matches: Matches) -> list[Ranking]:
    """Return a ranking for each class of a problem."""
    rankings = []
    for category in range(problem.scores.shape[1]):
        scores, outcome = problem.scores[:, category], matches.outcome[:, category]
        counted = np.flatnonzero(outcome != Outcome.NOT_COUNTED)
        order = counted[np.argsort(-scores[counted], kind="stable")]
        own = problem.truth_image[problem.truth_classes == category]
        rankings.append(
            Ranking(
                scores[order],
                problem.box_image[order],
                outcome[order] == Outcome.TRUE,
                np.bincount(own, minlength=problem.images).astype(np.float64),
            )
        )
    return rankings


@dataclass(frozen=True, slots=True, eq=False)
class WorkingPoint:
    """The one confidence for all classes at which their mean F1 is best.

    Args:
        threshold: the confidence.
        precision: (C,) at it, NaN for a class without a detection.
        recall: (C,) at it, NaN for a class without a face.
    """

    threshold: float
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]


def best_working_point(rankings: list[Ranking]) -> WorkingPoint:
    """Find the confidence, in steps of 0.001, that maximises the mean F1 of the present classes."""
    curves = [ranking.precision_recall_at(_THRESHOLDS) for ranking in rankings]
    precision, recall = (np.array(values) for values in zip(*curves, strict=True))
    present = [ranking.positives.any() for ranking in rankings]
    p, r = np.nan_to_num(precision[present]), recall[present]
    f1 = 2 * p * r / np.maximum(p + r, np.finfo(np.float64).tiny)
    best = int(np.argmax(f1.mean(axis=0)))
    return WorkingPoint(float(_THRESHOLDS[best]), precision[:, best], recall[:, best])
