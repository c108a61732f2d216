from __future__ import annotations

import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.helpers.raw_affwild2 import film
from tests.helpers.videos import noisy, pictures, shades
from yolo_fer.inputs.video import VideoFile, ahead


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "mpeg4"), ("a.avi", "mjpeg")])
def test_every_frame_comes_once_and_in_order(tmp_path: Path, name: str, codec: str) -> None:
    video = VideoFile(film(tmp_path / name, pictures(30), codec=codec))
    assert shades(video) == list(range(30))
    assert (video.problem, video.decoded, video.packets) == (None, 30, 30)


def test_frames_that_nobody_wants_are_counted_and_not_turned_into_pixels(tmp_path: Path) -> None:
    video = VideoFile(film(tmp_path / "a.mp4", pictures(30)))
    assert [f.index for f in video.frames(lambda index: index % 7 == 0, stop=20)] == [0, 7, 14]
    assert (video.decoded, video.packets) == (20, 30)


def test_time_stamps_are_those_of_the_file_at_a_variable_frame_rate(tmp_path: Path) -> None:
    times = [0, 40, 500, 520, 2000]
    video = VideoFile(film(tmp_path / "a.mp4", pictures(5), codec="libx264", times_ms=times))
    found = [frame.time_ms for frame in video.frames()]
    assert found == pytest.approx(times, abs=20), "the codec counts in thirtieths of a second"
    assert len(found) == 5, "no frame is repeated or left out for a constant rate"


def test_a_size_that_changes_is_followed(tmp_path: Path) -> None:
    parts = [
        film(tmp_path / "1", pictures(4), codec="libx264", container="h264"),
        film(tmp_path / "2", pictures(3, 64, 96), codec="libx264", container="h264"),
    ]
    both = tmp_path / "a.mp4"
    both.write_bytes(b"".join(part.read_bytes() for part in parts))
    shapes = [frame.image.shape[:2] for frame in VideoFile(both).frames()]
    assert shapes == [(64, 96)] * 4 + [(96, 64)] * 3


def test_a_file_that_is_cut_short_gives_what_comes_before_the_cut(tmp_path: Path) -> None:
    path = film(tmp_path / "a.avi", noisy(30))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    video = VideoFile(path)
    indices = [frame.index for frame in video.frames()]
    assert indices == list(range(len(indices)))
    assert 5 < len(indices) < 25
    assert video.problem is not None
    assert video.problem.reason == "damaged_video"
    assert f"after {len(indices)} frames" in video.problem.detail


@pytest.mark.parametrize("name", ["a.avi", "a.mkv"])
def test_a_file_that_ends_before_what_was_asked_for_is_cut_short(tmp_path: Path, name: str) -> None:
    path = film(tmp_path / name, noisy(30))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    video = VideoFile(path)
    count = len(list(video.frames(stop=30)))
    assert 5 < count < 25
    assert video.problem is not None
    assert video.problem.reason == "damaged_video"
    assert len(list(video.frames(stop=5))) == 5
    assert video.problem is None, "what lies behind was not asked for"


@pytest.mark.parametrize("name", ["12:30.mp4", "rtsp:x.mp4", "ü 日本.mp4"])
def test_a_file_may_have_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    film(tmp_path / name, pictures(3))
    monkeypatch.chdir(tmp_path)
    assert shades(VideoFile(Path(name))) == [0, 1, 2]


def test_nothing_is_read_behind_damaged_data_since_the_numbers_would_be_wrong(
    tmp_path: Path,
) -> None:
    path = film(tmp_path / "a.mp4", noisy(30), codec="libx264", options={"movflags": "faststart"})
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4000] = bytes(4000)
    path.write_bytes(data)
    video = VideoFile(path)
    assert len(list(video.frames())) < 25
    assert video.problem is not None
    assert video.problem.reason == "damaged_video"


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty_video"), (b"no video at all", "not_a_video"), (None, "missing_video")],
)
def test_a_file_without_a_video_says_so(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "a.mp4"
    if content is not None:
        path.write_bytes(content)
    video = VideoFile(path)
    assert list(video.frames()) == []
    assert video.problem is not None
    assert video.problem.reason == reason


def test_a_video_of_zero_frames_says_so(tmp_path: Path) -> None:
    video = VideoFile(film(tmp_path / "a.avi", []))
    assert list(video.frames()) == []
    assert video.problem is not None
    assert video.problem.reason == "no_frames"


def test_a_video_without_a_decoder_is_named_as_one(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mkv", pictures(3), codec="libx264")
    path.write_bytes(path.read_bytes().replace(b"V_MPEG4/ISO/AVC", b"V_MPEG9/ISO/XYZ"))
    video = VideoFile(path)
    assert list(video.frames()) == []
    assert video.problem is not None
    assert video.problem.reason == "no_decoder"
    assert "convert it" in video.problem.detail


def test_what_is_computed_ahead_is_bounded_and_ends_with_its_reader() -> None:
    made = 0

    def numbers() -> Generator[int, None, None]:
        nonlocal made
        while made < 1000:
            made += 1
            yield made

    before = threading.active_count()
    some = ahead(numbers(), 3)
    assert [next(some), next(some)] == [1, 2]
    some.close()
    assert made < 10
    assert threading.active_count() == before


def test_an_error_ahead_reaches_the_reader_in_its_place() -> None:
    def numbers() -> Generator[int, None, None]:
        yield 1
        raise OSError("the disk is gone")

    some = ahead(numbers(), 3)
    assert next(some) == 1
    with pytest.raises(OSError, match="the disk is gone"):
        next(some)
