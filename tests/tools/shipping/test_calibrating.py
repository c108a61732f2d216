from __future__ import annotations

import numpy as np
import pytest

from tools.shipping.calibrating import fit_curves
from yolo_fer.evaluate.matching import Matches, Outcome
from yolo_fer.evaluate.observations import Observations
from yolo_fer.results import face_scores


def observed(scores: np.ndarray, outcome: np.ndarray) -> tuple[Observations, Matches]:
    count = len(scores)
    nothing = np.zeros(0, np.intp)
    seen = Observations(
        images=(),
        truth_boxes=np.zeros((0, 4)),
        truth_emotions=np.zeros(0, np.int8),
        truth_image=nothing,
        boxes=np.zeros((count, 4)),
        scores=scores,
        face_scores=face_scores(scores),
        box_image=np.zeros(count, np.intp),
        shown=np.ones(count, np.bool_),
        scale=np.ones(0),
    )
    return seen, Matches(outcome.astype(np.int8), nothing, np.zeros((1, 101, 7)))


def drawn(slope: float, shift: float, count: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Scores, and outcomes as often right as the true curve says."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (count, 7))
    right = rng.random((count, 7)) < 1 / (1 + np.exp(-(slope * logits + shift)))
    return 1 / (1 + np.exp(-logits)), np.where(right, Outcome.TRUE, Outcome.FALSE)


@pytest.mark.parametrize(
    ("slope", "shift"),
    # from the last two, whole steps of Newton's method run away
    [(1.0, 0.0), (0.5, -1.0), (2.0, 1.5), (0.6, 1.0), (1.0, 3.0)],
)
def test_the_curve_that_made_the_outcomes_is_found(slope: float, shift: float) -> None:
    for curve in fit_curves(*observed(*drawn(slope, shift))):
        assert curve.slope == pytest.approx(slope, abs=0.1)
        assert curve.shift == pytest.approx(shift, abs=0.12)


def test_without_a_box_nothing_is_changed() -> None:
    for curve in fit_curves(*observed(np.zeros((0, 7)), np.zeros((0, 7)))):
        assert (curve.slope, curve.shift) == (1.0, 0.0)


def test_boxes_on_ignored_faces_say_nothing() -> None:
    scores, outcome = drawn(1.0, 0.0)
    outcome[5_000:] = Outcome.NOT_COUNTED
    everything, part = (
        fit_curves(*observed(scores[:5_000], outcome[:5_000])),
        fit_curves(*observed(scores, outcome)),
    )
    assert everything == part


def test_the_order_of_scores_is_kept_even_where_they_are_upside_down() -> None:
    scores, outcome = drawn(-1.0, 0.5)
    for curve in fit_curves(*observed(scores, outcome)):
        assert curve.slope > 0
        logits = np.log(scores[:, 0] / (1 - scores[:, 0]))
        believed = 1 / (1 + np.exp(-(curve.slope * logits + curve.shift)))
        right = (outcome == Outcome.TRUE).mean()
        assert believed.mean() == pytest.approx(right, abs=0.02), "the shift is that of this slope"


def test_scores_that_are_all_wrong_are_lowered() -> None:
    logits = np.random.default_rng(0).normal(3, 1, (300, 7))
    seen = observed(1 / (1 + np.exp(-logits)), np.full((300, 7), Outcome.FALSE))
    for curve in fit_curves(*seen):
        believed = 1 / (1 + np.exp(-(curve.slope * logits + curve.shift)))
        assert believed.mean() < 0.1
