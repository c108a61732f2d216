from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest

from yolo_fer.emotions import Emotion
from yolo_fer.errors import UsageError
from yolo_fer.predict.smoothing import ScoreSmoother
from yolo_fer.results import FacePrediction, Prediction

ALL = len(Emotion)


def scores(shows: Emotion, share: float = 0.9) -> tuple[float, ...]:
    return tuple(share if emotion is shows else 0.1 for emotion in Emotion)


def frame(time: float | None, *faces: tuple[int | None, Sequence[float]]) -> Prediction:
    made = (FacePrediction((n, 0, n + 9, 9), tuple(s), track) for n, (track, s) in enumerate(faces))
    time_ms = None if time is None else 1000 * time
    return Prediction("cam", 640, 480, tuple(made), frame=0, time_ms=time_ms)


def smoothed(smoother: ScoreSmoother, time: float | None, values: Sequence[float]) -> list[float]:
    (face,) = smoother.update(frame(time, (1, values))).faces
    return list(face.scores)


def changes(labels: Sequence[Emotion]) -> int:
    return sum(before is not after for before, after in itertools.pairwise(labels))


def test_labels_that_flicker_are_steadied_and_more_of_them_are_right() -> None:
    rng = np.random.default_rng(0)
    smoother = ScoreSmoother(0.5)
    truth, plain, steady = [], [], []
    for n in range(900):
        truth.append(Emotion(n // 90 % ALL))
        noisy = np.clip(np.array(scores(truth[-1], 0.5)) + rng.normal(0, 0.2, ALL), 0, 1)
        prediction = frame(n / 30, (4, noisy.tolist()))
        plain.append(prediction.faces[0].emotion)
        steady.append(smoother.update(prediction).faces[0].emotion)
    assert changes(steady) < changes(plain) / 10
    right = [sum(a is b for a, b in zip(truth, labels, strict=True)) for labels in (plain, steady)]
    assert right[1] > right[0] + 150


@pytest.mark.parametrize("seconds", [0.2, 0.5, 1.0, 3.0])
@pytest.mark.parametrize("rate", [5, 30, 120])
def test_what_was_seen_some_seconds_ago_weighs_by_time_not_by_frames(
    rate: int, seconds: float
) -> None:
    smoother = ScoreSmoother(seconds)
    start = smoothed(smoother, 0.0, [1.0] * ALL)
    for n in range(1, rate * 3 + 1):
        last = smoothed(smoother, n / rate, [0.0] * ALL)
    assert start == [1.0] * ALL
    assert last == pytest.approx([math.exp(-3 / seconds)] * ALL, rel=1e-6)


@pytest.mark.parametrize(
    "times",
    [
        [0.0, 1.0],  # all frames between were dropped
        [0.0, 0.1, 0.9, 1.0],
        [0.0, 0.001, 0.002, 0.5, 0.55, 1.0],
    ],
)
def test_irregular_frames_of_one_expression_come_to_the_same(times: list[float]) -> None:
    smoother = ScoreSmoother(0.5)
    smoothed(smoother, 0.0, scores(Emotion.FEAR))
    for time in times[1:]:
        last = smoothed(smoother, time, scores(Emotion.HAPPINESS))
    old = math.exp(-2.0)
    assert last[Emotion.FEAR] == pytest.approx(0.1 + 0.8 * old)
    assert last[Emotion.HAPPINESS] == pytest.approx(0.9 - 0.8 * old)


def test_a_changed_expression_is_named_before_half_a_second_is_over() -> None:
    smoother = ScoreSmoother()
    for n in range(60):
        smoother.update(frame(n / 30, (1, scores(Emotion.NEUTRAL))))
    named = [
        smoother.update(frame(2 + n / 30, (1, scores(Emotion.SURPRISE)))).faces[0].emotion
        for n in range(15)
    ]
    assert named[0] is Emotion.NEUTRAL, "one frame is not enough"
    assert named[-1] is Emotion.SURPRISE


def test_scores_stay_in_their_range() -> None:
    rng = np.random.default_rng(1)
    smoother = ScoreSmoother(0.3)
    for n in range(300):
        extreme = rng.choice([0.0, 1.0], ALL).tolist()
        assert all(0 <= s <= 1 for s in smoothed(smoother, n / rng.uniform(5, 60), extreme))


def test_each_track_has_its_own_past() -> None:
    smoother = ScoreSmoother(0.5)
    for n in range(30):
        both = (1, scores(Emotion.ANGER)), (2, scores(Emotion.HAPPINESS))
        faces = smoother.update(frame(n / 30, *both)).faces
        assert {f.track: f.emotion for f in faces} == {1: Emotion.ANGER, 2: Emotion.HAPPINESS}


def test_a_face_without_a_track_is_left_as_it_is() -> None:
    smoother = ScoreSmoother(0.5)
    for n, emotion in enumerate(Emotion):
        prediction = frame(n / 30, (None, scores(emotion)))
        assert smoother.update(prediction) == prediction


def test_faces_keep_their_boxes_and_stand_with_the_best_score_first() -> None:
    smoother = ScoreSmoother(0.5)
    strong, weak = (1, scores(Emotion.FEAR, 0.9)), (2, scores(Emotion.FEAR, 0.8))
    smoother.update(frame(0.0, strong, weak))
    sudden = (2, scores(Emotion.FEAR, 1.0))
    prediction = frame(0.03, sudden, (1, scores(Emotion.FEAR, 0.9)))
    faces = smoother.update(prediction).faces
    assert [face.track for face in faces] == [1, 2]
    assert {f.track: f.box for f in faces} == {f.track: f.box for f in prediction.faces}


def test_a_frame_without_faces_is_handed_on() -> None:
    assert ScoreSmoother(0.5).update(frame(1.0)) == frame(1.0)


def test_a_track_that_ended_is_forgotten() -> None:
    smoother = ScoreSmoother(0.5)
    for track in range(10_000):
        smoother.update(frame(track / 30, (track, scores(Emotion.FEAR))))
    assert len(smoother._tracks) < 30 * 5
    smoother.update(frame(10_000.0))
    assert not smoother._tracks


@pytest.mark.parametrize(
    "times", [[None] * 4, [0.0, 0.0, 0.0, 0.0], [5.0, 5.04, 0.0, 0.04], [0.0, None, 0.1, None]]
)
def test_odd_time_stamps_still_average(times: list[float | None]) -> None:
    smoother = ScoreSmoother(0.5)
    smoothed(smoother, times[0], scores(Emotion.FEAR))
    for time in times[1:]:
        last = smoothed(smoother, time, scores(Emotion.ANGER))
    assert 0.1 < last[Emotion.ANGER] < last[Emotion.FEAR] < 0.9


@pytest.mark.parametrize("seconds", [0, -1, math.nan, math.inf, "0.5"])
def test_a_time_that_is_none_is_refused(seconds: float) -> None:
    with pytest.raises(UsageError, match="`smooth="):
        ScoreSmoother(seconds)


def test_the_score_of_a_face_finder_is_averaged_like_the_seven() -> None:
    smoother = ScoreSmoother(0.5)

    def found(time: float, score: float) -> Prediction:
        happy = tuple(score if e is Emotion.HAPPINESS else 0.0 for e in Emotion)
        face = FacePrediction((0, 0, 9, 9), happy, track=1, finder_score=score)
        return Prediction("cam", 640, 480, (face,), frame=0, time_ms=1000 * time)

    smoother.update(found(0.0, 0.9))
    (face,) = smoother.update(found(0.1, 0.4)).faces
    assert face.score == pytest.approx(0.4 + 0.5 * math.exp(-0.2))
    assert face.score == pytest.approx(face.scores[Emotion.HAPPINESS])
    assert smoother.update(frame(0.2, (1, scores(Emotion.FEAR)))).faces[0].finder_score is None
