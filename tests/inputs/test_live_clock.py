from __future__ import annotations

import pytest

from yolo_fer.inputs.live import LiveClock


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        # (the stream's own seconds, the arrival) of each frame; the milliseconds of each
        ([(None, 5.0), (None, 5.04), (None, 5.1)], [0, 40, 100]),  # no time stamps: arrivals
        ([(7.0, 5.0), (7.04, 5.09), (7.08, 5.09)], [0, 40, 80]),  # arrivals that jitter
        ([(7.0, 5.0), (7.0, 5.04), (7.04, 5.08)], [0, 40, 80]),  # a clock that stands still
        ([(7.0, 5.0), (2.0, 5.04), (2.04, 5.08)], [0, 40, 80]),  # one that was set back
        ([(7.0, 5.0), (9000.0, 5.04), (9000.04, 5.08)], [0, 40, 80]),  # one that was set forward
        ([(None, 5.0), (None, 5.0), (None, 5.0)], [0, 1, 2]),  # all at once: still in order
        ([(7.0, 5.0), (7.5, 5.01), (None, 5.02)], [0, 500, 501]),  # never back
    ],
)
def test_time_goes_on(stamps: list[tuple[float | None, float]], expected: list[float]) -> None:
    clock = LiveClock()
    assert [clock.stamp_ms(*stamp) for stamp in stamps] == pytest.approx(expected)


def test_an_outage_takes_as_long_as_it_took() -> None:
    clock = LiveClock()
    assert [clock.stamp_ms(0.0, 100.0), clock.stamp_ms(0.5, 100.5)] == [0, 500]
    clock.reconnected()
    assert [clock.stamp_ms(0.0, 130.0), clock.stamp_ms(0.04, 130.3)] == [30_000, 30_040]
