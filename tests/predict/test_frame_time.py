"""Time that only runs forward, whatever the time stamps of a file say."""

from __future__ import annotations

from itertools import pairwise

import pytest

from yolo_fer.predict.frame_time import ForwardClock, seconds
from yolo_fer.results import Prediction


def steps(*stamps: float | None) -> list[float]:
    """Return the seconds from frame to frame."""
    clock = ForwardClock()
    times = [clock.advance(stamp) for stamp in stamps]
    return [after - before for before, after in pairwise(times)]


def test_it_follows_the_time_stamps() -> None:
    assert steps(0, 40, 80, 1080) == pytest.approx([0.04, 0.04, 1.0])


def test_without_time_stamps_a_second_has_thirty_frames() -> None:
    assert steps(None, None, None) == pytest.approx([1 / 30] * 2)


@pytest.mark.parametrize("stamp", [80, 40, 0, None])
def test_where_time_stands_still_or_goes_back_the_last_step_is_taken_again(
    stamp: float | None,
) -> None:
    assert steps(0, 40, 80, stamp) == pytest.approx([0.04] * 3)


def test_a_frame_without_a_time_is_placed_by_its_number() -> None:
    assert seconds(Prediction("a.mp4", 9, 9, frame=60, time_ms=500.0)) == 0.5
    assert seconds(Prediction("a.mp4", 9, 9, frame=60)) == 2.0
    assert seconds(Prediction("a.jpg", 9, 9)) == 0.0
