from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from yolo_fer.app import video_view
from yolo_fer.app.uploaded_videos import UploadedVideoResult, VideoFiles, VideoProgress
from yolo_fer.emotions import Emotion
from yolo_fer.predict.summary import TrackSummary
from yolo_fer.predict.timeline import Timeline


def result(
    frames: int, tracks: int = 1, problem: str | None = None, cut: bool = False
) -> UploadedVideoResult:
    shares = tuple(float(emotion is Emotion.FEAR) for emotion in Emotion)
    summaries = tuple(
        TrackSummary("a.mp4", number + 1, 0.0, 1500.0, frames, shares, 0.9, 0.8, 0.25)
        for number in range(tracks)
    )
    files = VideoFiles.in_folder(Path("results"))
    return UploadedVideoResult(frames, 1.5, summaries, cut, problem, Timeline(), files)


def test_progress_has_words_a_bar_and_a_small_picture() -> None:
    picture = np.zeros((720, 1280, 3), np.uint8)
    html = video_view.progress(VideoProgress(30, 1.2, 0.4, 25.0, picture))
    assert "1.2 seconds of the video, 30 frames, 25 frames a second" in html
    assert "width:40%" in html
    assert "data:image/jpeg;base64," in html


@pytest.mark.parametrize(
    ("given", "kind", "text"),
    [
        (result(40), "good", "40 frames, 1.5 seconds, 1 face followed."),
        (result(40, tracks=0), "good", "no face followed"),
        (result(40, cut=True), "good", "only its first 60 seconds were taken"),
        (result(40, problem="It is damaged."), "bad", "Then it broke off. It is damaged."),
        (result(0, problem="It is a text."), "bad", "This video cannot be read. It is a text."),
    ],
)
def test_the_end_says_how_much_was_read_and_what_was_wrong(
    given: UploadedVideoResult, kind: str, text: str
) -> None:
    html = video_view.end(given, limit_seconds=60)
    assert f'class="notice {kind}"' in html
    assert text in html


def test_each_followed_face_is_a_row_and_of_many_the_rest_is_counted() -> None:
    assert "No face was found" in video_view.tracks(())
    html = video_view.tracks(result(40, tracks=53).tracks)
    assert html.count("<tr>") == 1 + 50
    assert "<td>fear</td>" in html
    assert "and 3 more in the summary" in html
