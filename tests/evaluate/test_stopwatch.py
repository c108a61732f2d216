"""What is compared runs in turn, so that a busy machine falls on all of it."""

from __future__ import annotations

import pytest

from yolo_fer.evaluate.stopwatch import per_pair, stopwatch, take_turns


def test_the_order_of_each_round_is_the_reverse_of_the_one_before() -> None:
    order: list[str] = []

    def run(name: str) -> float:
        order.append(name)
        return float(len(order))

    seconds = take_turns([lambda: run("a"), lambda: run("b")], repeats=3)
    assert "".join(order) == "ab" + "ab" + "ba" + "ab"
    assert seconds == ((3.0, 6.0, 7.0), (4.0, 5.0, 8.0)), "the first round does not count"


def test_ratios_are_those_of_the_same_round() -> None:
    assert per_pair((2.0, 9.0), (1.0, 3.0)) == (2.0, 3.0)
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        per_pair((2.0, 9.0), (1.0,))


def test_a_block_that_fails_has_no_time() -> None:
    seconds: list[float] = []
    with pytest.raises(ValueError, match="no time"), stopwatch(seconds):
        raise ValueError("no time")
    assert seconds == []
    with stopwatch(seconds):
        pass
    assert len(seconds) == 1
    assert seconds[0] >= 0
