from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.clips import grey_frames, write_mp4
from yolo_fer.app import uploaded_videos
from yolo_fer.app.uploaded_videos import UploadedVideoResult, VideoProgress, predict_uploaded_video
from yolo_fer.detector import Detector
from yolo_fer.errors import YoloFerError
from yolo_fer.images import encode_jpeg
from yolo_fer.inputs.video import VideoFile

pytest.importorskip("av")
pytest.importorskip("trackers")


def _look(
    path: Path, detector: Detector, folder: Path, limit: float = 60
) -> tuple[list[VideoProgress], UploadedVideoResult]:
    folder.mkdir()
    *progress, result = predict_uploaded_video(
        path, detector, folder, blur=False, smooth=0.5, limit_seconds=limit
    )
    assert isinstance(result, UploadedVideoResult)
    return [news for news in progress if isinstance(news, VideoProgress)], result


def test_a_video_gives_an_annotated_copy_a_timeline_and_tables(
    detector: Detector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploaded_videos, "_REPORT_SECONDS", 0)
    clip = write_mp4(tmp_path / "clip.mp4", grey_frames(50))
    progress, result = _look(clip, detector, tmp_path / "out")
    assert (result.frames, result.problem) == (50, None)
    assert result.seconds == pytest.approx(49 / 25)
    assert not result.was_cut
    (track,) = result.tracks
    assert (track.frames, track.emotion.label) == (50, "happiness")
    assert len(list(VideoFile(result.files.annotated).frames())) == 50
    assert result.files.timeline.read_bytes().startswith(b"\x89PNG")
    assert len(result.files.json.read_text().splitlines()) == 50
    assert len(result.files.summary.read_text().splitlines()) == 2
    assert [news.frames for news in progress] == list(range(1, 51))
    shares = [news.share for news in progress if news.share is not None]
    assert shares == pytest.approx([number / 50 for number in range(50)], abs=0.05)


def test_a_long_video_is_cut_at_the_limit(detector: Detector, tmp_path: Path) -> None:
    clip = write_mp4(tmp_path / "clip.mp4", grey_frames(50))
    _, result = _look(clip, detector, tmp_path / "out", limit=1)
    assert result.was_cut
    assert result.frames == 25
    assert len(result.files.json.read_text().splitlines()) == 25


def test_a_video_that_breaks_off_gives_what_there_is(detector: Detector, tmp_path: Path) -> None:
    whole = write_mp4(tmp_path / "whole.ts", grey_frames(50)).read_bytes()
    clip = tmp_path / "clip.ts"
    clip.write_bytes(whole[: len(whole) // 2])
    _, result = _look(clip, detector, tmp_path / "out")
    assert 0 < result.frames < 50
    assert len(list(VideoFile(result.files.annotated).frames())) == result.frames


@pytest.mark.parametrize("data", [b"", b"no video" * 500])
def test_what_is_no_video_is_said_without_our_folders(
    detector: Detector, tmp_path: Path, data: bytes
) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(data)
    _, result = _look(clip, detector, tmp_path / "out")
    assert result.frames == 0
    assert result.problem is not None
    assert str(tmp_path) not in result.problem


def test_an_image_is_sent_to_the_other_tab(detector: Detector, tmp_path: Path) -> None:
    """As a video of one frame, its decoder could take as long as it likes."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(encode_jpeg(next(grey_frames(1))))
    with pytest.raises(YoloFerError, match="send it under Images"):
        _look(path, detector, tmp_path / "out")
