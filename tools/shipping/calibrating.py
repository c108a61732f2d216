"""Making scores mean what they say: one curve a class, folded into the network.

Platt scaling (Platt 1999; for detections Küppers et al. 2020) replaces a score by
sigmoid(slope * logit + shift). A network's last layer computes that logit, so slope and shift go
into its weights: every runtime and every export has calibrated scores, and none needs to know.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from yolo_fer.evaluate.calibration import FLOOR
from yolo_fer.evaluate.matching import Matches, Outcome
from yolo_fer.evaluate.observations import Observations

_PRIOR = 4.0  # faces' worth of belief that a score is right as it is
_NEWTON_STEPS, _SMALLEST_STEP = 100, 1e-7
_LEAST_SLOPE = 0.1  # keeps the order of the scores of a class


@dataclass(frozen=True, slots=True)
class Curve:
    """sigmoid(slope * logit + shift); the slope is positive, so that order is kept."""

    slope: float
    shift: float


def fit_curves(seen: Observations, emotions: Matches) -> list[Curve]:
    """Fit a curve for each emotion.

    Boxes on ignored faces, and those of which all scores lie below `FLOOR`, say nothing.

    Args:
        seen: what a predictor said of a validation set.
        emotions: which of it was right, emotion by emotion.
    """
    shown = seen.scores.max(axis=1) >= FLOOR
    curves = []
    for emotion in range(seen.scores.shape[1]):
        outcome = emotions.outcome[:, emotion]
        used = shown & (outcome != Outcome.NOT_COUNTED)
        scores = np.clip(seen.scores[used, emotion], 1e-6, 1 - 1e-6)
        curves.append(_fit(np.log(scores / (1 - scores)), outcome[used] == Outcome.TRUE))
    return curves


def _fit(logits: NDArray[np.float64], right: NDArray[np.bool_]) -> Curve:
    """Maximise the likelihood, with a normal prior around no change."""
    ones = np.ones_like(logits)
    both = np.column_stack([logits, ones])
    slope, shift = _minimise(both, right, np.zeros_like(logits), np.array([1.0, 0.0]))
    if slope < _LEAST_SLOPE:
        slope = _LEAST_SLOPE
        (shift,) = _minimise(ones[:, None], right, slope * logits, np.zeros(1))
    return Curve(float(slope), float(shift))


def _minimise(
    inputs: NDArray[np.float64],
    right: NDArray[np.bool_],
    offset: NDArray[np.float64],
    start: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Fit `sigmoid(inputs @ values + offset)` by Newton's method, its steps halved as needed.

    Whole steps overshoot where most sigmoids are flat. The loss is convex, so that a step that
    lowers it is always found until the minimum is reached.
    """
    values = start.copy()

    def loss_at(values: NDArray[np.float64]) -> float:
        z = inputs @ values + offset
        misfit = np.logaddexp(0, z).sum() - z[right].sum()
        return float(misfit + _PRIOR / 2 * ((values - start) ** 2).sum())

    loss = loss_at(values)
    for _ in range(_NEWTON_STEPS):
        probable = 1 / (1 + np.exp(-np.clip(inputs @ values + offset, -30, 30)))
        gradient = inputs.T @ (probable - right) + _PRIOR * (values - start)
        weights = probable * (1 - probable)
        curvature = (inputs * weights[:, None]).T @ inputs + _PRIOR * np.eye(len(start))
        step = np.linalg.solve(curvature, gradient)
        while (new := loss_at(values - step)) > loss and np.abs(step).max() > _SMALLEST_STEP:
            step = step / 2
        if np.abs(step).max() <= _SMALLEST_STEP:
            break
        values, loss = values - step, new
    return values


def fold(network: Any, curves: list[Curve]) -> Any:
    """Return a copy of a YOLO network whose scores go through the curves."""
    calibrated = deepcopy(network)
    slopes = torch.tensor([curve.slope for curve in curves])
    shifts = torch.tensor([curve.shift for curve in curves])
    for branch in calibrated.model[-1].cv3:
        last = branch[-1]
        last.weight.data.mul_(slopes[:, None, None, None])
        last.bias.data.mul_(slopes).add_(shifts)
    return calibrated
