from __future__ import annotations

import threading
from fractions import Fraction
from pathlib import Path

import pytest

from tests.helpers.raw_affwild2 import film
from tests.helpers.stream_server import number_of, picture
from yolo_fer.errors import UsageError
from yolo_fer.inputs.frame_source import FileSource, open_source


def test_a_file_gives_every_frame_in_order(tmp_path: Path) -> None:
    source = open_source(film(tmp_path / "a.mp4", map(picture, range(50)), codec="libx264"))
    frames = list(source.frames())
    assert [frame.index for frame in frames] == list(range(50))
    assert [number_of(frame.image) for frame in frames] == list(range(50))
    assert (source.live, source.dropped, source.reconnects) == (False, 0, 0)
    assert (source.frame_rate, source.claimed_frames, source.problem) == (Fraction(30), 50, None)


def test_a_source_has_the_name_that_the_user_gave_it(tmp_path: Path) -> None:
    assert open_source("in/../a.mp4").name == "in/../a.mp4"
    assert open_source(tmp_path / "a.mp4", "upload").name == "upload"
    assert open_source("rtsp://me:secret@camera/1").name == "rtsp://me:***@camera/1"


def test_a_file_whose_name_is_a_number_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    film(tmp_path / "0", map(picture, range(3)), container="avi")
    assert len(list(open_source("0").frames())) == 3


def test_an_unknown_scheme_is_a_usage_error_that_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="rtsp://, rtsps://, http://, https://") as error:
        open_source("rtmp://me:SECRET@server/live")
    assert "SECRET" not in str(error.value)


def test_a_file_that_is_left_early_leaves_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    source = FileSource(film(tmp_path / "a.mp4", map(picture, range(50))))
    frames = source.frames()
    next(frames)
    source.close()
    assert list(frames) == []
    assert threading.active_count() == before
