"""A face that is not found moves on, ever more slowly."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("trackers")

from yolo_fer.predict.face_motion import FRAME_RATE, FadingMotion


def moving(speed: float) -> FadingMotion:
    """Return a face that has moved to the right for two seconds, by so many pixels a frame."""
    motion = FadingMotion(np.array([0.0, 0, 100, 100]))
    for frame in range(1, 60):
        motion.predict()
        motion.update(np.array([speed * frame, 0, speed * frame + 100, 100]))
    return motion


def left(motion: FadingMotion) -> float:
    return float(motion.state_to_bbox()[0])


def test_it_goes_on_in_its_direction_and_comes_to_rest() -> None:
    motion = moving(4.0)
    places = [left(motion)]
    for _ in range(300):
        motion.predict()
        places.append(left(motion))
    steps = np.diff(places)
    assert 2 < steps[0] <= 4
    assert (np.diff(steps) < 0).all(), "each step is shorter than the one before"
    assert steps[-1] < 0.01
    assert places[-1] - places[0] < 4.0 * FRAME_RATE, "less than a second's way at its speed"


def test_a_step_over_many_frames_slows_it_as_much_as_single_ones() -> None:
    at_once, singly = moving(4.0), moving(4.0)
    at_once.predict(frame_step=15)
    for _ in range(15):
        singly.predict()
    speeds = [float(motion.kf.state[4, 0]) for motion in (at_once, singly)]
    assert speeds[0] == pytest.approx(speeds[1])


def test_a_face_that_stands_still_stays() -> None:
    motion = moving(0.0)
    for _ in range(60):
        motion.predict()
    assert left(motion) == pytest.approx(0, abs=0.5)
