"""Scores over time: true times, gaps where a face was missing, memory that does not grow."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from tests.helpers.frames import face, frame, noise
from yolo_fer.emotions import Emotion
from yolo_fer.predict.predicted import Predicted
from yolo_fer.predict.timeline import BINS, Timeline, TimelineRow, clock_text, tick_step

HAPPY = Emotion.HAPPINESS


def collect(*frames: Predicted) -> Timeline:
    timeline = Timeline()
    for predicted in frames:
        timeline.add(predicted.prediction, predicted.image)
    return timeline


def at(row: TimelineRow, time: float) -> float:
    """The probability of happiness at a time in seconds."""
    return float(row.probabilities[np.searchsorted(row.edges, time, "right") - 1, HAPPY])


def test_probabilities_stand_at_their_times_whatever_the_score_of_the_face() -> None:
    frames = [
        frame(i, face(track=1, score=0.3 + i / 100, probability=0.2 if i < 30 else 0.9))
        for i in range(60)
    ]
    (row,) = collect(*frames).rows()
    assert [at(row, t) for t in (0, 0.5, 0.98, 1.01, 1.9)] == pytest.approx([0.2] * 3 + [0.9] * 2)
    assert row.edges[0] == 0
    assert row.edges[-1] == pytest.approx(59 / 30, abs=0.02)
    assert row.frames == 60
    np.testing.assert_allclose(row.probabilities.sum(axis=1), 1, rtol=1e-5)


def test_a_face_that_is_missing_leaves_a_gap() -> None:
    frames = [frame(i, *([] if 30 <= i < 45 else [face(track=1)])) for i in range(60)]
    (row,) = collect(*frames).rows()
    assert at(row, 0.9) == at(row, 1.6) == pytest.approx(0.8)
    assert all(np.isnan(at(row, t)) for t in (1.02, 1.2, 1.45))


def test_a_low_frame_rate_is_no_gap() -> None:
    (row,) = collect(*(frame(i, face(track=1), time_ms=500 * i) for i in range(6))).rows()
    assert not np.isnan(row.probabilities).any()


def test_a_stream_that_was_away_leaves_a_gap() -> None:
    times = [0, 40, 80, 20_000, 20_040]
    (row,) = collect(*(frame(i, face(track=1), time_ms=t) for i, t in enumerate(times))).rows()
    assert np.isnan([at(row, 2), at(row, 19)]).all()
    assert at(row, 20.03) == pytest.approx(0.8)


def test_hours_take_no_more_memory_than_minutes() -> None:
    def held(minutes: int) -> int:
        tracemalloc.start()
        timeline = Timeline()
        for index in range(1200):
            time_ms = 60_000 * minutes * index / 1200
            timeline.add(frame(index, face(track=1), time_ms=time_ms).prediction)
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        (row,) = timeline.rows()
        assert 500 < len(row.probabilities) <= BINS
        assert at(row, minutes * 60 * 0.99) == pytest.approx(0.8)
        return size

    minute = held(1)
    assert held(600) < 1.1 * minute


def test_merged_bins_keep_the_mean() -> None:
    shares = np.random.default_rng(0).uniform(0.3, 0.9, 4000)
    frames = (frame(i, face(track=1, probability=p), time_ms=100 * i) for i, p in enumerate(shares))
    (row,) = collect(*frames).rows()
    assert 500 < len(row.probabilities) <= BINS
    assert row.probabilities[:, HAPPY].mean() == pytest.approx(shares.mean(), abs=0.01)
    assert row.probabilities[:, HAPPY].std() < shares.std()


def test_of_too_many_tracks_the_shortest_are_forgotten_and_counted() -> None:
    frames = [frame(i, face(track=0), face(track=i + 1)) for i in range(400)]
    timeline = collect(*frames)
    rows = list(timeline.rows())
    assert len(rows) == 256
    assert timeline.forgotten == 401 - 256
    assert rows[0].track == 0
    assert rows[0].frames == 400


def test_two_faces_that_come_when_all_rows_are_taken_do_not_push_each_other_out() -> None:
    crowd = [face(track=number) for number in range(256)]
    pair = [face(track=300), face(track=301)]
    frames = [frame(i, *(crowd if i < 2 else pair)) for i in range(1002)]
    timeline = collect(*frames)
    rows = {row.track: row for row in timeline.rows()}
    assert timeline.forgotten == 2
    assert len(rows) == 256
    assert [rows[300].frames, rows[301].frames] == [1000, 1000]
    assert not np.isnan([at(rows[300], t) for t in (0.5, 15, 33)]).any()


def test_faces_that_were_seen_long_are_kept_however_many_pass_by() -> None:
    stayed = [face(track=number) for number in range(100)]
    frames = [frame(i, *stayed) for i in range(50)]
    passing = [range(1000 + 40 * i, 1040 + 40 * i) for i in range(60)]
    frames += [frame(50 + i, *(face(track=n) for n in who)) for i, who in enumerate(passing)]
    frames += [frame(110 + i, face(track=9000)) for i in range(90)]
    timeline = collect(*frames)
    found = {row.track: row.frames for row in timeline.rows()}
    assert {track for track, count in found.items() if count == 50} == set(range(100))
    assert found[9000] == 90
    assert timeline.forgotten == 100 + 60 * 40 + 1 - 256


def test_in_a_crowd_nobody_loses_a_row_to_who_was_seen_as_long() -> None:
    rng = np.random.default_rng(0)
    frames = [frame(i, *(face(track=int(n)) for n in rng.permutation(280))) for i in range(30)]
    timeline = collect(*frames)
    rows = list(timeline.rows())
    assert (len(rows), timeline.forgotten) == (256, 24)
    assert {row.frames for row in rows} == {30}
    assert not any(np.isnan(row.probabilities).any() for row in rows)


def test_rows_stand_in_the_order_in_which_their_faces_came() -> None:
    """Also that of a face which had to wait for its row."""
    late = face(track=7)
    frames = [frame(i, *(face(track=1000 + n) for n in range(256)), late) for i in range(3)]
    frames += [frame(3 + i, late, face(track=8)) for i in range(70)]
    tracks = [row.track for row in collect(*frames).rows()]
    assert tracks[-2:] == [7, 8]


def test_very_many_tracks_take_no_more_memory_than_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yolo_fer.predict.timeline._MOST_COUNTED", 200)

    def held(tracks: int) -> int:
        tracemalloc.start()
        timeline = Timeline()
        for number in range(0, tracks, 8):
            faces = (face(track=number + i) for i in range(8))
            timeline.add(frame(number, *faces, time_ms=100 * number / tracks).prediction)
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert timeline.forgotten == tracks - 256
        return size

    many = held(800)
    assert held(3200) < 1.02 * many


def test_each_row_has_the_picture_of_its_face() -> None:
    image = noise(width=320, height=240)
    image[60:160, 100:180] = (0, 0, 255)
    good = face((100, 60, 180, 160), track=1, score=0.9)
    weak = face((0, 0, 50, 50), track=1, score=0.3)
    (row,) = collect(
        frame(0, weak, image=image), frame(1, good, image=image), frame(2, weak, image=image)
    ).rows()
    assert row.thumbnail is not None
    assert row.thumbnail.shape == (72, 72, 3)
    assert (row.thumbnail[10:-10, 20:-20] == (0, 0, 255)).all()


def test_faces_without_a_track_are_counted_and_images_left_out() -> None:
    timeline = collect(frame(0, face(), face(track=1)), frame(1, face()))
    assert timeline.untracked == 2
    assert len(list(timeline.rows())) == 1


def test_two_videos_have_rows_of_their_own() -> None:
    frames = [frame(i, face(track=1), source=source) for source in "ab" for i in range(30)]
    assert [row.source for row in collect(*frames).rows()] == ["a", "b"]


@pytest.mark.parametrize("span", [0.5, 9, 20, 61, 599, 5000, 40_000])
def test_an_axis_has_a_few_ticks_whatever_it_spans(span: float) -> None:
    assert 2 <= span / tick_step(span) <= 12


def test_a_time_is_written_as_a_clock_shows_it() -> None:
    assert [clock_text(s, 59) for s in (0, 2.5, 12.25)] == ["0 s", "2.5 s", "12.2 s"]
    assert [clock_text(s, 3599) for s in (0, 75, 3599)] == ["0:00", "1:15", "59:59"]
    assert [clock_text(s, 4000) for s in (75, 3723)] == ["0:01:15", "1:02:03"]
