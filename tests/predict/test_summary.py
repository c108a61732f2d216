"""What a track showed, for how long, and how often its label changed."""

from __future__ import annotations

import pytest

from tests.helpers.frames import face, frame
from yolo_fer.emotions import Emotion
from yolo_fer.predict.predicted import Predicted
from yolo_fer.predict.summary import TrackSummaries, TrackSummary

NEUTRAL, HAPPY = Emotion.NEUTRAL, Emotion.HAPPINESS


def summarise(*frames: Predicted) -> list[TrackSummary]:
    summaries = TrackSummaries()
    for predicted in frames:
        summaries.add(predicted.prediction)
    return list(summaries.finished())


def test_shares_are_of_time_and_not_of_frames() -> None:
    times = [0, 10, 20, 30, 930]
    emotions = [NEUTRAL, NEUTRAL, NEUTRAL, HAPPY, HAPPY]
    (track,) = summarise(
        *(
            frame(i, face(emotion=e, track=1), time_ms=t)
            for i, (t, e) in enumerate(zip(times, emotions, strict=True))
        )
    )
    assert track.emotion is HAPPY
    assert track.shares[HAPPY] == pytest.approx(900 / 930)
    assert track.shares[NEUTRAL] == pytest.approx(30 / 930)
    assert sum(track.shares) == pytest.approx(1)
    assert (track.first_ms, track.last_ms, track.frames) == (0, 930, 5)


def test_how_sure_the_face_and_its_label_were_is_told_apart() -> None:
    (track,) = summarise(
        frame(0, face(track=1, score=0.9, probability=0.5)),
        frame(1, face(track=1, score=0.5, probability=0.8)),
    )
    assert track.mean_score == pytest.approx(0.7)
    assert track.mean_probability == pytest.approx(0.65)
    assert track.to_row()["mean_probability"] == 0.65


def test_label_changes_are_counted_by_the_seconds_of_presence() -> None:
    labels = [NEUTRAL, HAPPY] * 15
    (track,) = summarise(*(frame(i, face(emotion=e, track=1)) for i, e in enumerate(labels)))
    assert track.label_changes_per_second == pytest.approx(30)


def test_the_time_in_which_a_face_is_missing_does_not_count() -> None:
    present = [*range(10), *range(100, 110)]
    frames = [frame(i, *([face(track=1)] if i in present else [])) for i in range(120)]
    (track,) = summarise(*frames)
    assert track.frames == 20
    assert track.shares[HAPPY] == 1
    assert track.last_ms == pytest.approx(109_000 / 30)


def test_a_stream_that_was_away_adds_no_time() -> None:
    labels = [(0, NEUTRAL), (500, NEUTRAL), (60_000, HAPPY), (62_000, HAPPY)]
    (track,) = summarise(
        *(frame(i, face(emotion=e, track=1), time_ms=t) for i, (t, e) in enumerate(labels))
    )
    assert track.shares[NEUTRAL] == pytest.approx(1.5 / 2.5)


def test_a_single_frame_has_shares_and_no_changes() -> None:
    (track,) = summarise(frame(0, face(track=1, score=0.6)))
    assert track.shares[HAPPY] == 1
    assert (track.mean_score, track.label_changes_per_second) == (0.6, 0)


def test_tracks_of_two_videos_are_two_people() -> None:
    frames = [frame(i, face(track=1), source=source) for source in "ab" for i in range(3)]
    assert [(t.source, t.track, t.frames) for t in summarise(*frames)] == [("a", 1, 3), ("b", 1, 3)]


def test_faces_without_a_track_are_left_out() -> None:
    assert summarise(frame(0, face()), frame(1, face())) == []
