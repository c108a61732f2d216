"""Time stamps as a viewer sees the frames, also where a file has those of decoding only."""

from __future__ import annotations

import itertools
from pathlib import Path

import av
import pytest

from tests.helpers.raw_affwild2 import film
from tests.helpers.videos import pictures, shades
from yolo_fer.inputs.frame_decoder import FrameTimes
from yolo_fer.inputs.video import VideoFile

RATE = 30  # of `film`


def as_ffmpeg_says(path: Path) -> list[float]:
    """The time stamps of the frames in milliseconds, believed as they are."""
    with av.open(str(path)) as container:
        frames = container.decode(video=0)
        return [round(1000 * frame.time, 3) for frame in frames if frame.time is not None]


def found(path: Path) -> list[float | None]:
    return [frame.time_ms for frame in VideoFile(path).frames()]


@pytest.mark.parametrize("name", ["a.avi", "a.asf"])
@pytest.mark.parametrize("codec", ["libx264", "mpeg2video"])
def test_frames_that_are_decoded_in_another_order_keep_their_distances(
    tmp_path: Path, name: str, codec: str
) -> None:
    path = film(tmp_path / name, pictures(30), codec=codec, coding={"bf": "3", "b_strategy": "0"})
    video = VideoFile(path)
    assert shades(video) == list(range(30))
    assert video.problem is None
    times = found(path)
    assert times[0] == as_ffmpeg_says(path)[0]
    steps = [b - a for a, b in itertools.pairwise(times)]
    assert steps == pytest.approx([1000 / RATE] * 29, abs=1.01), "ASF counts milliseconds"


def test_ffmpeg_still_scrambles_them(tmp_path: Path) -> None:
    coding = {"bf": "3", "b_strategy": "0"}
    path = film(tmp_path / "a.avi", pictures(30), codec="libx264", coding=coding)
    times = as_ffmpeg_says(path)
    assert times != sorted(times), "otherwise the tests above hold by themselves"


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts", "a.flv", "a.nut"])
@pytest.mark.parametrize("frames", [0, 3])
@pytest.mark.parametrize("start", [0, 5000])
def test_good_time_stamps_stay_as_they_are(
    tmp_path: Path, name: str, frames: int, start: int
) -> None:
    thirtieths = itertools.accumulate([1, 1, 12, 2, 1, 27, 3] * 4)
    times = [start + round(1000 * count / RATE) for count in thirtieths]
    coding = {"bf": str(frames), "b_strategy": "0"}
    images = pictures(len(times))
    path = film(tmp_path / name, images, codec="libx264", times_ms=times, coding=coding)
    assert found(path) == as_ffmpeg_says(path)
    assert len(found(path)) == len(times)


@pytest.mark.parametrize("codec", ["libx264", "mpeg4", "mjpeg", "msmpeg4v3"])
def test_so_do_those_of_an_avi_whose_frames_come_in_order(tmp_path: Path, codec: str) -> None:
    coding = {"bf": "0"} if codec == "libx264" else {}
    path = film(tmp_path / "a.avi", pictures(30), codec=codec, coding=coding)
    assert found(path) == as_ffmpeg_says(path)


def test_in_any_file_time_stamps_that_go_back_are_not_believed() -> None:
    times = FrameTimes()
    shown = [1, 3, 4, 2, 6, 7, 5, 9, 10, 8]
    decoded = [*range(2, 9), None, None, None]
    given = [times.next(pts, dts) for pts, dts in zip(shown, decoded, strict=True)]
    assert given == [1, 3, 4, 5, 6, 7, 8, 9, 10, 11]


def test_a_clock_that_was_set_anew_is_believed() -> None:
    times = FrameTimes()
    shown = [500, 540, 580, 0, 40, 80]
    assert [times.next(pts, pts) for pts in shown] == shown


def test_frames_of_one_packet_are_a_step_apart() -> None:
    times = FrameTimes()
    for pts in (1, 4, 2, 3):
        times.expect(pts)
    given = [times.next(pts, dts) for pts, dts in ((1, 2), (4, 3), (2, 4), (3, 4), (6, 6))]
    assert given == [1, 2, 3, 4, 5]


def test_frames_without_a_time_stamp_have_none() -> None:
    times = FrameTimes()
    assert [times.next(None, None), times.next(3, 2), times.next(None, 3)] == [None, 3, None]
