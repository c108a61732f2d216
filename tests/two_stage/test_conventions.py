"""What a face finder calls a face becomes a square as ExpW has them."""

from __future__ import annotations

import numpy as np
import pytest

from yolo_fer.boxes import retinaface_to_expw
from yolo_fer.two_stage.conventions import to_expw

BOXES = np.array([[100.0, 50, 140, 110], [0, 0, 30, 20]])


@pytest.mark.parametrize("finder", ["retinaface", "haar", "yunet", "my own"])
def test_every_finder_gives_squares_around_the_middle_of_its_boxes(finder: str) -> None:
    squares = to_expw(finder, BOXES)
    sides = squares[:, 2:] - squares[:, :2]
    np.testing.assert_allclose(sides[:, 0], sides[:, 1])
    away = (squares[:, :2] + squares[:, 2:]) / 2 - (BOXES[:, :2] + BOXES[:, 2:]) / 2
    assert (np.abs(away) < 0.2 * sides).all()


def test_a_finder_without_figures_of_its_own_is_taken_for_retinaface() -> None:
    np.testing.assert_array_equal(to_expw("mtcnn", BOXES), retinaface_to_expw(BOXES))
    assert (to_expw("haar", BOXES) != retinaface_to_expw(BOXES)).any()


def test_no_face_gives_no_square() -> None:
    assert to_expw("haar", np.empty((0, 4))).shape == (0, 4)
    assert to_expw("retinaface", np.empty((0, 4))).shape == (0, 4)
