from __future__ import annotations

import re

import numpy as np

from tests.helpers.frames import face, frame
from yolo_fer.app.timeline_view import draw_bands, timeline
from yolo_fer.emotions import Emotion
from yolo_fer.palette import BGR
from yolo_fer.predict.timeline import Timeline


def _collect(frames: int, away: range = range(0)) -> Timeline:
    collected = Timeline()
    for number in range(frames):
        faces = [face(track=1, probability=0.75)]
        if number not in away:
            faces.append(face(track=2))
        predicted = frame(number, *faces)
        collected.add(predicted.prediction, predicted.image)
    return collected


def test_a_band_is_as_thick_as_its_emotion_is_probable_and_below_it_is_the_label() -> None:
    row = next(_collect(60).rows())
    bands = draw_bands(row)
    happy = np.all(bands == (*BGR[Emotion.HAPPINESS], 255), axis=2)
    thickness = happy[:60].mean(axis=0)
    np.testing.assert_allclose(thickness, 0.75, atol=0.02)
    assert happy[-9:].all()


def test_where_a_face_was_not_found_nothing_is_drawn() -> None:
    collected = _collect(60, away=range(20, 50))
    bands = draw_bands(list(collected.rows())[1])
    seen = (bands[..., 3] > 0).any(axis=0)
    assert seen[0]
    assert 0.4 < (~seen).mean() < 0.6


def test_each_face_is_told_in_words_and_the_least_seen_are_left_out() -> None:
    collected = _collect(60, away=range(20, 50))
    html = timeline(collected, most=12)
    assert 'alt="face #1 over time: mostly happiness, 75 % on average"' in html
    assert re.findall(r"</?span>(?:<img[^>]+>)?#(\d)", html) == ["1", "2"]
    assert "#2" not in timeline(collected, most=1)
    assert timeline(Timeline(), most=12) == ""


def test_the_axis_has_round_times_within_the_picture() -> None:
    html = timeline(_collect(60), most=1)
    ticks = re.findall(r'left:([\d.]+)%">([^<]+)<', html)
    assert [text for _, text in ticks] == ["0 s", "0.5 s", "1 s", "1.5 s"]
    assert all(0 <= float(place) <= 100 for place, _ in ticks)
