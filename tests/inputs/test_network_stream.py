"""Streams that real servers send, from processes of their own."""

from __future__ import annotations

import itertools
import time
import warnings
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import av
import pytest

from tests.helpers import stream_server
from tests.helpers.raw_affwild2 import film
from tests.helpers.stream_server import HEIGHT, WIDTH, free_port, number_of, picture, serving
from yolo_fer.errors import YoloFerError, YoloFerWarning
from yolo_fer.inputs.live import LiveSource, Retry, SourceGone
from yolo_fer.inputs.network_stream import StreamConnection, connect_stream
from yolo_fer.inputs.video import VideoFrame

pytestmark = pytest.mark.filterwarnings("ignore::yolo_fer.errors.YoloFerWarning")
SOON = Retry(patience_s=1.5, first_wait_s=0.1, longest_wait_s=0.3)
PATIENT = Retry(patience_s=60, first_wait_s=0.1, longest_wait_s=0.3)


def stream(url: str, timeout_s: float = 5.0, retry: Retry = PATIENT) -> LiveSource:
    return LiveSource(url, partial(connect_stream, url, timeout_s), retry)


def numbers(frames: list[VideoFrame]) -> list[int]:
    return [number_of(frame.image) for frame in frames]


def some(frames: Iterator[VideoFrame], count: int) -> list[VideoFrame]:
    return [next(frames) for _ in range(count)]


def steps_ms(frames: list[VideoFrame]) -> list[float]:
    times = [frame.time_ms or 0.0 for frame in frames]
    return [b - a for a, b in itertools.pairwise(times)]


def test_a_password_that_ends_the_address_early_is_told_how_to_write() -> None:
    with pytest.raises(SourceGone, match=r"write '#' as %23$") as error:
        connect_stream("rtsp://me:abc#SECRET@127.0.0.1:9/1", timeout_s=2)
    assert "SECRET" not in str(error.value)


@pytest.mark.parametrize("kind", ["mjpeg", "unbounded", "ts"])
def test_the_pictures_of_a_stream_come_in_order(kind: str) -> None:
    with serving(kind) as url:
        source = stream(url)
        frames = some(source.frames(), 40)
        source.close()
    assert source.live
    # Whoever joins later gets the first frames at once, of which some are dropped then.
    assert (frames[0].time_ms == 0) == (frames[0].index == 0)
    assert numbers(frames) == [frame.index % 64 for frame in frames]
    assert frames[-1].index - 39 <= source.dropped
    assert min(steps_ms(frames)) > 0


def test_time_stamps_are_those_of_the_stream_and_without_any_the_arrivals() -> None:
    with serving("ts", rate=15) as url:  # says 30 a second, and sends half as fast
        frames = some(stream(url).frames(), 20)
    per_frame = [
        (b.time_ms - a.time_ms) / (b.index - a.index) for a, b in itertools.pairwise(frames)
    ]
    assert per_frame == pytest.approx([1000 / 30] * 19, abs=1)
    with serving("mjpeg", rate=15) as url:
        *_, first, last = some(stream(url).frames(), 45)[14::15]  # the very first come at once
    rate = 1000 * (last.index - first.index) / (last.time_ms - first.time_ms)
    assert rate == pytest.approx(15, rel=0.3), "FFmpeg would say 25"


def test_frames_that_were_decoded_in_another_order_have_growing_time_stamps(tmp_path: Path) -> None:
    coding = {"bf": "3", "b_strategy": "0"}
    path = film(tmp_path / "a.asf", map(picture, range(20)), codec="libx264", coding=coding)
    container = av.open(str(path))
    connection = StreamConnection(container, container.streams.video[0], timeout_s=5)
    times = []
    with closing(connection), pytest.raises(SourceGone, match="ended it"):
        for seconds, _ in connection.frames():
            times.append(seconds)
    assert [b - a for a, b in itertools.pairwise(times)] == pytest.approx([1 / 30] * 19, abs=0.0011)


def test_a_server_that_stops_and_comes_back_is_found_again() -> None:
    port = free_port()
    server = stream_server.start("mjpeg", port)
    source = stream(f"http://127.0.0.1:{port}")
    frames = source.frames()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        before = some(frames, 10)
        stream_server.stop(server)
        server = stream_server.start("mjpeg", port)
        after = some(frames, 10)
        stream_server.stop(server)
        source.close()
    both = before + after
    assert [frame.index for frame in both] == sorted({frame.index for frame in both})
    assert min(steps_ms(both)) > 0
    assert numbers(after)[-1] < 40, "the second run of the server is counted from its own start"
    assert source.reconnects == 1
    assert [w.category for w in told] == [YoloFerWarning], "an outage is told once"


@pytest.mark.parametrize("kind", ["garbage", "silence"])
def test_a_server_that_sends_no_video_is_an_error_in_time(kind: str) -> None:
    with (
        serving(kind) as url,
        pytest.raises(YoloFerError, match="no video within 1 s; check the address"),
    ):
        some(stream(url, 1.0, SOON).frames(), 1)


def test_a_stream_that_turns_into_garbage_is_dropped_and_read_again() -> None:
    with serving("rotting") as url:
        source = stream(url, timeout_s=1.0)
        frames = some(source.frames(), 40)
        source.close()
    assert source.reconnects >= 1
    assert [frame.index for frame in frames] == sorted({frame.index for frame in frames})
    shown = [abs(int(f.image[5, 5, 0]) - 40) < 12 and f.image.shape[1] == WIDTH for f in frames]
    assert all(shown), "nothing is made up from garbage"


def test_a_picture_without_an_end_is_given_up_before_it_fills_the_memory() -> None:
    with serving("bomb") as url, pytest.raises(YoloFerError, match="no end within 32,000,000"):
        some(stream(url, 30.0, SOON).frames(), 1)


def test_the_password_of_an_address_is_sent_to_its_server() -> None:
    with serving("protected") as url:
        source = stream(url.replace("http://", "http://me:secret@"))
        assert numbers(some(source.frames(), 1)) == [0]
        source.close()


def test_a_change_of_size_is_followed() -> None:
    with serving("resized") as url:
        source = stream(url)
        frames = some(source.frames(), 12)
        source.close()
    for frame in frames:
        upright = frame.index % 3 == 2
        assert frame.image.shape[:2] == ((WIDTH, HEIGHT) if upright else (HEIGHT, WIDTH))
        assert number_of(frame.image) == frame.index


def test_nobody_who_listens_is_an_error_that_says_what_to_check() -> None:
    with pytest.raises(YoloFerError, match=r"Connection refused; check the address"):
        some(stream(f"http://127.0.0.1:{free_port()}", retry=SOON).frames(), 1)


def test_an_address_that_the_server_does_not_know_is_an_error_at_once() -> None:
    hours = Retry(patience_s=7200, first_wait_s=3600)
    with serving("nothing") as url, pytest.raises(YoloFerError, match="404"):
        some(stream(url, retry=hours).frames(), 1)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.ts"])
def test_a_file_behind_an_address_ends_and_loses_no_frame(tmp_path: Path, name: str) -> None:
    film(tmp_path / name, map(picture, range(60)), codec="libx264")
    with serving("file") as url:
        source = stream(f"{url}{tmp_path / name}")
        frames = []
        for frame in source.frames():
            time.sleep(0.005)  # slower than the server
            frames.append(frame)
    assert numbers(frames) == list(range(60))
    assert (source.live, source.dropped, source.reconnects) == (False, 0, 0)
    assert source.problem is None


def test_a_file_whose_server_hangs_up_gives_what_came_and_says_so(tmp_path: Path) -> None:
    film(tmp_path / "clip.ts", map(picture, range(60)), codec="libx264")
    with serving("half") as url:
        source = stream(f"{url}{tmp_path / 'clip.ts'}")
        frames = list(source.frames())
    assert numbers(frames) == list(range(len(frames)))
    assert 5 < len(frames) < 55
    assert source.problem is not None
    assert source.problem.reason == "damaged_video"
