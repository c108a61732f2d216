from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterable

import numpy as np
import pytest

from tools.benchmark.crowds import CROWDS, HEIGHT, WIDTH, watch
from tools.benchmark.tracking import identities
from yolo_fer.predict.tracking import FaceTracker
from yolo_fer.results import FacePrediction, Prediction

SIZE = 100.0


def face(x: float, y: float = 360, size: float = SIZE, shows: int = 6) -> FacePrediction:
    scores = tuple(0.8 if number == shows else 0.05 for number in range(7))
    return FacePrediction((x - size / 2, y - size / 2, x + size / 2, y + size / 2), scores)


def frame(time: float | None, *faces: FacePrediction) -> Prediction:
    time_ms = None if time is None else 1000 * time
    return Prediction("cam", WIDTH, HEIGHT, faces, frame=0, time_ms=time_ms)


def tracks(tracker: FaceTracker, time: float | None, *faces: FacePrediction) -> list[int | None]:
    return [found.track for found in tracker.update(frame(time, *faces)).faces]


def follow(frames: Iterable[Prediction]) -> list[list[int | None]]:
    tracker = FaceTracker()
    return [[found.track for found in tracker.update(each).faces] for each in frames]


@pytest.mark.parametrize("seconds", [0.1, 0.5, 1.0, 1.5])
@pytest.mark.parametrize("rate", [5, 15, 30, 60])
def test_a_face_that_is_missed_for_a_while_keeps_its_number(rate: int, seconds: float) -> None:
    sway = [face(640 + 60 * np.sin(1.5 * n / rate)) for n in range(6 * rate)]
    gap = range(2 * rate, 2 * rate + round(seconds * rate))
    found = follow(frame(n / rate, *([] if n in gap else [f])) for n, f in enumerate(sway))
    assert {number for numbers in found for number in numbers} == {1}


def test_a_face_that_is_away_for_longer_than_the_reach_is_a_new_one() -> None:
    tracker = FaceTracker()
    assert tracks(tracker, 0.0, face(300)) == tracks(tracker, 0.04, face(300)) == [1]
    for n in range(70):
        assert tracks(tracker, 0.08 + 0.04 * n) == []
    tracks(tracker, 3.0, face(300))
    assert tracks(tracker, 3.04, face(300)) == [2]


def test_two_faces_that_cross_keep_their_numbers_while_one_hides_the_other() -> None:
    tracker = FaceTracker()
    for n in range(90):
        left, right = face(200 + 9 * n), face(1000 - 9 * n, size=90)
        hidden = abs(800 - 18 * n) < 80
        found = tracks(tracker, n / 30, *([left] if hidden else [left, right]))
        assert found == ([1] if hidden else [1, 2]), n


def test_an_expression_that_changes_in_every_frame_does_not_split_a_track() -> None:
    faces = itertools.cycle(face(400, shows=number) for number in range(7))
    found = follow(frame(n / 30, next(faces)) for n in range(100))
    assert found == [[1]] * 100


def test_scores_and_boxes_come_back_as_they_are_and_in_their_order() -> None:
    tracker = FaceTracker()
    faces = [face(900, shows=1), face(200, shows=2), face(500, shows=3)]
    numbers = [1, 2, 3]
    for n in range(6):
        seen = tracker.update(frame(n / 30, *faces))
        assert [(f.box, f.scores) for f in seen.faces] == [(f.box, f.scores) for f in faces]
        assert [f.track for f in seen.faces] == numbers
        faces, numbers = [*faces[1:], faces[0]], [*numbers[1:], numbers[0]]


def test_faint_faces_are_followed_like_others() -> None:
    faint = FacePrediction(face(300).box, (0.02,) * 7)
    assert follow(frame(n / 30, faint) for n in range(4)) == [[1]] * 4


def test_a_new_face_is_handed_on_without_a_number_until_it_is_found_again() -> None:
    tracker = FaceTracker()
    tracks(tracker, 0.0, face(200))
    assert tracks(tracker, 0.04, face(200), face(900)) == [1, None]
    assert tracks(tracker, 0.08, face(200), face(900)) == [1, 2]


def test_at_five_frames_a_second_with_dropped_frames_a_moving_face_keeps_its_number() -> None:
    times = [n / 5 for n in range(60) if n % 4 != 2]
    found = follow(frame(t, face(640 + 150 * np.sin(1.2 * t))) for t in times)
    assert {number for numbers in found for number in numbers} == {1}


def test_a_camera_that_turns_moves_all_faces_and_no_number() -> None:
    found = follow(
        frame(
            t, *(face(x + 150 * np.sin(3 * t), 360 + 30 * np.sin(9 * t)) for x in (300, 640, 980))
        )
        for t in np.arange(0, 6, 1 / 30)
    )
    assert found == [[1, 2, 3]] * len(found)


def test_a_stream_that_changes_its_size_keeps_its_numbers() -> None:
    tracker = FaceTracker()
    for n in range(10):
        assert tracks(tracker, n / 30, face(900), face(400)) == [1, 2]
    halves = tuple(FacePrediction(half(f.box), f.scores) for f in (face(900), face(400)))
    for n in range(10, 20):
        smaller = Prediction("cam", WIDTH // 2, HEIGHT // 2, halves, n, 1000 * n / 30)
        assert [f.track for f in tracker.update(smaller).faces] == [1, 2]


def test_a_face_of_which_the_edge_cuts_off_the_larger_part_keeps_its_number() -> None:
    assert follow(frame(n / 30, face(-5)) for n in range(20)) == [[1]] * 20


def half(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = box
    return x1 / 2, y1 / 2, x2 / 2, y2 / 2


def test_who_comes_in_where_somebody_left_is_somebody_else() -> None:
    tracker = FaceTracker()
    for n in range(40):
        tracks(tracker, n / 30, face(400 - 10 * n))
    for n in range(40, 55):
        tracks(tracker, n / 30)
    tracks(tracker, 55 / 30, face(10))
    assert tracks(tracker, 56 / 30, face(20)) == [2]


@pytest.mark.parametrize(
    "times",
    [
        [None] * 8,  # no time stamps at all
        [0.0, 0.04, 0.04, 0.04, 0.08, 0.12],  # they stand still
        [9.0, 9.04, 9.08, 0.0, 0.04, 0.08],  # two files were joined
        [0.0, 0.04, None, 0.12, 0.16],
    ],
)
def test_odd_time_stamps_lose_no_face(
    times: list[float | None], recwarn: pytest.WarningsRecorder
) -> None:
    assert follow(frame(time, face(300)) for time in times) == [[1]] * len(times)
    assert not recwarn.list


def test_after_ten_thousand_tracks_only_the_recent_ones_are_kept() -> None:
    tracker = FaceTracker()
    places = [face(x, y) for x in (150, 400, 650, 900, 1150) for y in (200, 500)]
    for group in range(1000):
        tracks(tracker, 4.0 * group, *places)
        found = tracks(tracker, 4.0 * group + 0.04, *places)
        assert len(tracker._tracker.tracks) <= 10
    assert sorted(number for number in found if number is not None) == list(range(9991, 10_001))


def test_no_number_is_used_twice() -> None:
    tracker = FaceTracker()
    seen: list[int | None] = []
    for n in range(20):
        tracks(tracker, 10.0 * n, face(300))
        seen += tracks(tracker, 10.0 * n + 0.04, face(300))
    assert seen == list(range(1, 21))


@pytest.mark.parametrize(
    ("crowd", "idf1", "unnumbered"),
    [
        ("misses", 0.95, 0.01),
        ("crossings", 0.75, 0.01),  # four people who pass each other again and again
        ("camera", 0.9, 0.01),
        ("slow", 0.9, 0.01),
        ("twenty", 0.9, 0.01),
        ("passers", 0.8, 0.03),  # each is new once
    ],
)
def test_identities_in_made_crowds(crowd: str, idf1: float, unnumbered: float) -> None:
    seen = list(watch(CROWDS[crowd](np.random.default_rng(1)), 1))
    numbers = follow(
        frame(s.time_ms / 1000, *(FacePrediction(tuple(b), (0.5,) * 7) for b in s.boxes.tolist()))
        for s in seen
    )
    result = identities((s.people.tolist() for s in seen), numbers)
    assert result.idf1 >= idf1
    assert result.unnumbered <= unnumbered


@pytest.mark.parametrize(
    ("people", "numbers", "idf1", "switches", "unnumbered"),
    [
        ([[7, 8], [8, 7]], [[0, 1], [1, 0]], 1.0, 0, 0.0),  # right in any order
        ([[7], [7], [7], [7]], [[0], [0], [1], [1]], 0.5, 1, 0.0),  # a track is split
        ([[7], [7]], [[None], [0]], 2 / 3, 0, 0.5),  # not yet numbered
        ([[7, 8], [7, 8]], [[0, 1], [1, 0]], 0.5, 2, 0.0),  # two are confused
        ([[], []], [[], []], 0.0, 0, 0.0),  # nobody is there
    ],
)
def test_identities_by_hand(
    people: list[list[int]],
    numbers: list[list[int | None]],
    idf1: float,
    switches: int,
    unnumbered: float,
) -> None:
    result = identities(people, numbers)
    assert result.idf1 == pytest.approx(idf1)
    assert (result.switches, result.unnumbered) == (switches, pytest.approx(unnumbered))


def test_the_module_costs_nothing_until_a_tracker_is_made() -> None:
    code = (
        "import sys, yolo_fer.predict.tracking, yolo_fer.predict.smoothing;"
        "print([n for n in ('trackers', 'supervision', 'scipy', 'torch') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
