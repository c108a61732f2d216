from __future__ import annotations

import pytest

from tools.benchmark.figures import Figure, interleave


def test_the_order_alternates_so_that_warm_caches_favour_neither() -> None:
    order: list[str] = []

    def run(name: str) -> float:
        order.append(name)
        return float(len(order))

    ours, bare = interleave(lambda: run("ours"), lambda: run("bare"), repeats=2)
    assert order == ["ours", "bare", "ours", "bare", "bare", "ours"]
    assert (ours, bare) == ((3.0, 6.0), (4.0, 5.0)), "the first pair counts"


@pytest.mark.parametrize(
    ("values", "at_most", "met"),
    [
        ((1.0, 9.0, 2.0), True, True),  # the median counts, not the worst
        ((2.1,), True, False),
        ((2.0,), True, True),
        ((1.9,), False, False),
        ((2.5,), False, True),
    ],
)
def test_a_goal_is_met_from_its_side(values: tuple[float, ...], at_most: bool, met: bool) -> None:
    assert Figure("", values, "x", 2.0, at_most, "").met is met
