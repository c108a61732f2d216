"""Frames with a known number of faces, of much the same size whatever their number."""

from __future__ import annotations

import numpy as np
import pytest

from yolo_fer.evaluate.compare.crowds import FaceCrops, crowd_frames

WHITE = FaceCrops((np.full((60, 60, 3), 255, np.uint8),))


@pytest.mark.parametrize("faces", [0, 1, 5, 20])
def test_each_frame_shows_so_many_of_the_faces(faces: int) -> None:
    for frame in WHITE.frames(faces):
        assert frame.shape == (480, 640, 3)
        white = (frame == 255).all(axis=2).sum()
        assert white == pytest.approx(faces * 120 * 120, abs=2000)


def test_no_frame_is_shown_twice_and_the_next_run_shows_the_same() -> None:
    frames = [frame.tobytes() for frame in WHITE.frames(5)]
    assert len(set(frames)) == len(frames) == 8
    assert frames == [frame.tobytes() for frame in WHITE.frames(5)]


def test_where_a_set_has_no_large_face_drawn_ones_are_shown() -> None:
    (drawn,) = crowd_frames(2, 320, 240, count=1)
    (empty,) = crowd_frames(0, 320, 240, count=1)
    assert drawn.shape == empty.shape == (240, 320, 3)
    assert FaceCrops(()).frames(1)[0].shape == (480, 640, 3)
