from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yolo_fer.convert.affwild2.tracks import CautiousTracker, follow


def box(x: float, y: float = 100, size: float = 100) -> list[float]:
    return [x - 0.38 * size, y - size / 2, x + 0.38 * size, y + size / 2]


def boxes(*rows: list[float]) -> NDArray[np.float64]:
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def test_faces_keep_their_numbers_whatever_their_order() -> None:
    frames = [
        (i, boxes(*(reversed if i % 2 else list)([box(100 + i), box(400 - i)]))) for i in range(20)
    ]
    tracks = follow(frames)
    assert all(t == ([1, 0] if i % 2 else [0, 1]) for i, t in enumerate(tracks))


def test_a_face_that_is_missed_for_a_while_keeps_its_number() -> None:
    tracker = CautiousTracker()
    assert tracker.step(0, boxes(box(100), box(400))) == [0, 1]
    for frame in range(1, 40):
        assert tracker.step(frame, boxes(box(400))) == [1]
    assert tracker.step(40, boxes(box(105), box(400))) == [0, 1]


def test_a_face_that_is_away_for_longer_is_a_new_one() -> None:
    tracker = CautiousTracker(reach=10)
    assert tracker.step(0, boxes(box(100))) == [0]
    assert tracker.step(11, boxes(box(100))) == [1]


def test_a_face_elsewhere_or_of_another_size_is_a_new_one() -> None:
    tracker = CautiousTracker()
    assert tracker.step(0, boxes(box(100))) == [0]
    assert tracker.step(1, boxes(box(200))) == [1]
    assert tracker.step(2, boxes(box(200, size=200))) == [2]


def test_while_one_face_hides_another_like_it_nobody_gets_the_number() -> None:
    tracker = CautiousTracker()
    for i in range(20):
        assert tracker.step(i, boxes(box(100 + 5 * i), box(320 - 5 * i))) == [0, 1]
    assert tracker.step(21, boxes(box(210))) == [None]


def test_motion_tells_who_is_who_behind_a_crossing() -> None:
    tracker = CautiousTracker()
    for i in range(60):
        left, right = box(100 + 5 * i), box(400 - 5 * i)
        hidden = abs(300 - 10 * i) < 60
        found = tracker.step(i, boxes(left) if hidden else boxes(left, right))
        if not hidden:
            assert found == [0, 1], i


def test_no_faces_give_no_numbers() -> None:
    assert follow([(0, boxes()), (5, boxes(box(1)))]) == [[], [0]]
