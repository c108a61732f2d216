from __future__ import annotations

import itertools
import threading
import time
import warnings
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import pytest

from tests.helpers.captures import BusyCapture, Capture, MissingCapture
from tests.helpers.stream_server import number_of
from yolo_fer.errors import YoloFerError, YoloFerWarning
from yolo_fer.inputs.cameras import CameraConnection
from yolo_fer.inputs.live import LiveClock, LiveSource, Retry
from yolo_fer.inputs.video import VideoFrame

SOON = Retry(patience_s=0.3, first_wait_s=0.05, longest_wait_s=0.1)


def camera(*captures: Capture, retry: Retry = SOON) -> LiveSource:
    """A camera that is each of these in turn, as often as it is opened; the last one stays."""
    remaining = list(captures)

    def open_capture(_index: int) -> Any:
        return remaining.pop(0) if len(remaining) > 1 else remaining[0]

    return LiveSource("0", partial(CameraConnection, 0, open_capture), retry)


def take(source: LiveSource, count: int, each: Callable[[], object] = int) -> list[VideoFrame]:
    frames = []
    for frame in source.frames():
        frames.append(frame)
        each()
        if len(frames) == count:
            break
    return frames


def wait_for(capture: Capture, count: int) -> None:
    while capture.given < count:
        time.sleep(0.001)


def test_a_camera_gives_its_pictures_in_order_with_the_time_of_their_arrival() -> None:
    frames = take(camera(Capture(rate=50)), 10)
    assert [number_of(frame.image) for frame in frames] == [frame.index for frame in frames]
    for a, b in itertools.pairwise(frames):
        assert b.index > a.index
        assert b.time_ms - a.time_ms >= 15 * (b.index - a.index)


def test_the_rate_of_a_camera_is_known_with_its_first_frame() -> None:
    source = camera(Capture(rate=25))
    take(source, 1)
    assert source.frame_rate == Fraction(25)


@pytest.mark.parametrize("rate", [0.0, -1.0, 90_000.0])
def test_a_rate_that_cannot_be_is_not_believed(rate: float) -> None:
    capture = Capture()
    capture._rate = rate
    assert CameraConnection(0, lambda _: capture).frame_rate is None


def test_a_reader_slower_than_the_camera_gets_new_frames_and_the_old_ones_are_counted() -> None:
    capture = Capture(rate=500)
    source, newest = camera(capture), 0
    for count, frame in enumerate(source.frames(), start=1):
        assert number_of(frame.image) == frame.index % 64, "dropped ones are numbered, too"
        assert frame.index >= newest - 3, "a live picture is not late, however slow its reader is"
        if count == 20:
            break
        wait_for(capture, frame.index + 10)
        newest = capture.given
    assert source.dropped > 100


def test_every_frame_is_either_given_or_counted_as_dropped() -> None:
    source = camera(Capture(100, rate=500), MissingCapture())
    given = []
    with warnings.catch_warnings(record=True):
        for frame in source.frames():
            given.append(frame.index)
            time.sleep(0.01)
            if frame.index == 99:
                break
    assert len(given) + source.dropped == 100


def test_a_camera_that_goes_away_is_told_once_and_taken_again() -> None:
    first, second = Capture(5, rate=100), Capture(100, rate=100, start=30)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        source = camera(first, MissingCapture(), BusyCapture(), MissingCapture(), second)
        frames = take(source, 12)
    for frame in frames:  # whatever a slow machine drops
        shown = frame.index if frame.index < 5 else 25 + frame.index
        assert number_of(frame.image) == shown, "no frame is invented"
    outage = next(pair for pair in itertools.pairwise(frames) if pair[1].index >= 5)
    assert outage[1].time_ms - outage[0].time_ms >= 200, "the outage counts"
    assert source.reconnects == 1
    assert first.released
    (warning,) = told
    assert warning.category is YoloFerWarning
    assert "after 5" in str(warning.message)
    assert "trying again" in str(warning.message)


def test_waits_double_up_to_a_limit() -> None:
    retry = Retry(first_wait_s=0.5, longest_wait_s=3.0)
    assert [retry.wait_s(n) for n in (1, 2, 3, 4, 5000)] == [0.5, 1, 2, 3, 3]


@pytest.mark.filterwarnings("ignore::yolo_fer.errors.YoloFerWarning")
@pytest.mark.parametrize("capture", [BusyCapture(), MissingCapture()])
def test_a_camera_that_is_never_there_is_an_error_that_says_what_to_do(
    capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "other")  # where no device file tells more
    with pytest.raises(YoloFerError, match=r"0: camera 0 .* in use .* or missing; close what"):
        take(camera(capture), 1)
    assert capture.released


def test_leaving_the_loop_ends_the_reading() -> None:
    capture = Capture(rate=200)
    before = threading.active_count()
    take(camera(capture), 3)
    assert threading.active_count() == before
    assert capture.released


def test_closing_a_source_from_elsewhere_ends_its_frames() -> None:
    capture = Capture(rate=200)
    source = camera(capture)

    def close() -> None:
        wait_for(capture, 10)
        source.close()

    threading.Thread(target=close).start()
    assert list(source.frames()), "a camera without an end, whose frames have one"


def test_an_error_of_the_reading_thread_reaches_the_reader() -> None:
    def connect() -> CameraConnection:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        list(LiveSource("0", connect, SOON).frames())


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
