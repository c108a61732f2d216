"""What a timeline shows: bands in the colours of the emotions, gaps, and names of files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.frames import face, frame
from tests.helpers.timelines import draw
from yolo_fer.emotions import Emotion
from yolo_fer.images import Image
from yolo_fer.palette import BGR

pytest.importorskip("matplotlib")

from yolo_fer.outputs.timeline_picture import clock_text, tick_step


def share(image: Image, emotion: Emotion) -> float:
    """The share of the rows' area, below the legend, that has the colour of an emotion."""
    near = np.abs(image[90:, 200:].astype(int) - BGR[emotion]).max(axis=2) < 12
    return float(near.mean())


def test_the_bands_have_the_colours_of_the_emotions(tmp_path: Path) -> None:
    frames = [
        frame(
            i, face(emotion=Emotion.ANGER if i < 60 else Emotion.SADNESS, track=1, probability=0.95)
        )
        for i in range(90)
    ]
    image = draw(tmp_path / "t.png", *frames)
    anger, sadness = share(image, Emotion.ANGER), share(image, Emotion.SADNESS)
    assert 1.6 < anger / sadness < 2.4, "two thirds of the time against one"
    assert share(image, Emotion.FEAR) < 0.1 * sadness
    left, right = image[90:, 200:600], image[90:, -250:]
    assert (np.abs(left.astype(int) - BGR[Emotion.ANGER]).max(axis=2) < 12).mean() > 0.3
    assert (np.abs(right.astype(int) - BGR[Emotion.SADNESS]).max(axis=2) < 12).mean() > 0.3


@pytest.mark.parametrize("tracks", [1, 2, 12, 40])
def test_the_picture_stays_of_a_readable_size(tmp_path: Path, tracks: int) -> None:
    faces = [face((5 * t, 5, 5 * t + 20, 40), track=t) for t in range(tracks)]
    image = draw(tmp_path / "t.png", *(frame(i, *faces) for i in range(20)))
    height, width = image.shape[:2]
    assert width == 1320
    assert 300 < height < 1200
    assert share(image, Emotion.HAPPINESS) > 0.3


def test_a_gap_is_grey(tmp_path: Path) -> None:
    missing = range(30, 60)
    frames = [frame(i, *([] if i in missing else [face(track=1)])) for i in range(90)]
    image = draw(tmp_path / "t.png", *frames)
    grey = (np.abs(image[90:, 200:].astype(int) - (242, 240, 240)).max(axis=2) < 2).mean(axis=0)
    assert 0.3 < (grey > 0.5).mean() < 0.36


def test_a_video_without_a_face_is_drawn_as_such(tmp_path: Path) -> None:
    image = draw(tmp_path / "t.png", *(frame(i) for i in range(30)))
    assert not any(share(image, emotion) > 0.001 for emotion in Emotion)


@pytest.mark.parametrize("source", ["\udcff.mp4", "a$b$^.mp4"])
def test_any_name_of_a_file_can_be_drawn(tmp_path: Path, source: str) -> None:
    frames = [frame(i, face(track=1), source=name) for name in (source, "b.mp4") for i in range(3)]
    assert draw(tmp_path / "t.png", *frames).size


@pytest.mark.parametrize("span", [0.5, 9, 20, 61, 599, 5000, 40_000])
def test_an_axis_has_a_few_ticks_whatever_it_spans(span: float) -> None:
    assert 2 <= span / tick_step(span) <= 12


def test_a_time_is_written_as_a_clock_shows_it() -> None:
    assert [clock_text(s, 59) for s in (0, 2.5, 12.25)] == ["0 s", "2.5 s", "12.2 s"]
    assert [clock_text(s, 3599) for s in (0, 75, 3599)] == ["0:00", "1:15", "59:59"]
    assert [clock_text(s, 4000) for s in (75, 3723)] == ["0:01:15", "1:02:03"]
