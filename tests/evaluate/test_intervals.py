"""Intervals from resampling groups."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from yolo_fer.evaluate.intervals import bootstrap

VALUES = np.random.default_rng(5).normal(10, 2, 200)


def mean(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([weights @ VALUES / weights.sum()])


def each_alone() -> list[str]:
    return [str(i) for i in range(VALUES.size)]


def test_images_of_one_group_move_together() -> None:
    pairs = [str(i // 2) for i in range(VALUES.size)]
    seen = []

    def note(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        seen.append(weights)
        return mean(weights)

    bootstrap(note, pairs, 50)
    drawn = np.array(seen[1:])  # the first are the unit weights of the estimate
    np.testing.assert_array_equal(drawn[:, ::2], drawn[:, 1::2])
    np.testing.assert_array_equal(drawn.sum(axis=1), VALUES.size)
    assert drawn.max() > 1


def test_the_interval_of_a_mean_is_that_of_the_text_book() -> None:
    (interval,) = bootstrap(mean, each_alone(), 2000)
    reach = 1.96 * VALUES.std() / np.sqrt(VALUES.size)
    expected = (VALUES.mean() - reach, VALUES.mean() + reach)
    assert interval == pytest.approx(expected, abs=0.1 * reach)


def test_larger_groups_give_wider_intervals() -> None:
    ordered = np.sort(VALUES)

    def mean_of_ordered(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.array([weights @ ordered / weights.sum()])

    (alone,) = bootstrap(mean_of_ordered, each_alone(), 300)
    (grouped,) = bootstrap(mean_of_ordered, [str(i // 20) for i in range(200)], 300)
    assert alone is not None
    assert grouped is not None
    assert grouped[1] - grouped[0] > 2 * (alone[1] - alone[0])


def test_the_same_seed_gives_the_same_interval() -> None:
    assert bootstrap(mean, each_alone(), 100) == bootstrap(mean, each_alone(), 100)
    assert bootstrap(mean, each_alone(), 100) != bootstrap(mean, each_alone(), 100, seed=1)


@pytest.mark.parametrize(("groups", "resamples"), [(["one"] * 200, 100), (each_alone(), 0)])
def test_one_group_or_no_resamples_give_no_interval(groups: list[str], resamples: int) -> None:
    assert bootstrap(mean, groups, resamples) == [None]


def test_a_figure_that_is_never_defined_has_no_interval() -> None:
    def undefined(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.array([np.nan, *mean(weights)])

    first, second = bootstrap(undefined, each_alone(), 50)
    assert first is None
    assert second is not None


def test_resamples_that_all_lie_too_high_are_corrected() -> None:
    def biased(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        # like an average precision, it gains when the same image is drawn twice
        return mean(weights) + 0.2 * (weights > 1).mean()

    (interval,) = bootstrap(biased, each_alone(), 1000)
    assert interval is not None
    assert interval[0] < VALUES.mean() < interval[1]
    assert VALUES.mean() - interval[0] > interval[1] - VALUES.mean()
