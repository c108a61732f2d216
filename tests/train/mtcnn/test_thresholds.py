from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from yolo_fer.faces.mtcnn.cascade import Windows
from yolo_fer.train.mtcnn.thresholds import FLOOR, choose_threshold
from yolo_fer.train.mtcnn.training_images import Photograph

FACE, ELSEWHERE = [10.0, 10, 50, 50], [60.0, 60, 90, 90]


def photographs(folder: Path, count: int) -> list[Photograph]:
    """Write images whose colour is their number."""
    for i in range(count):
        cv2.imwrite(str(folder / f"{i}.png"), np.full((100, 100, 3), i, np.uint8))
    emotions, none = np.eye(7, dtype=np.float32)[:1], np.empty((0, 4))
    return [Photograph(folder / f"{i}.png", np.array([FACE]), emotions, none) for i in range(count)]


def scores_rise(image: np.ndarray) -> Windows:
    """Find the face of the i-th image at i hundredths, worse beside it, and something else."""
    score = image[0, 0, 0] / 100
    beside = [14.0, 10, 54, 50]
    return Windows(np.array([ELSEWHERE, FACE, beside]), np.array([0.99, score, score / 2]))


def test_nearly_all_faces_get_through(tmp_path: Path) -> None:
    items = photographs(tmp_path, 100)

    threshold = choose_threshold(items, scores_rise, 0.6)

    kept = [scores_rise(cv2.imread(str(item.path))).scores[1] >= threshold for item in items[1:]]
    assert 97 <= sum(kept) < 99


def test_it_is_not_higher_than_wanted_and_not_lower_than_can_be_looked_at(tmp_path: Path) -> None:
    items = photographs(tmp_path, 100)

    assert choose_threshold(items[90:], scores_rise, 0.6) == 0.6
    assert (
        choose_threshold(items[1:2], lambda image: Windows(np.array([FACE]), np.array([1e-4])), 0.6)
        == FLOOR
    )


def test_where_no_face_is_reached_it_stays(tmp_path: Path) -> None:
    items = photographs(tmp_path, 3)
    items[0].path.write_bytes(b"no image")

    found = Windows(np.array([ELSEWHERE]), np.array([0.5]))

    assert choose_threshold(items, lambda image: found, 0.6) == pytest.approx(0.6)


def test_the_next_network_is_not_shown_everything(tmp_path: Path) -> None:
    items = photographs(tmp_path, 2)
    scores = np.linspace(0.9, 0.1, 401)
    found = Windows(np.array([ELSEWHERE] * 400 + [FACE]), scores)

    threshold = choose_threshold(items, lambda image: found, 0.6)

    assert (scores >= threshold).sum() == pytest.approx(150, abs=1)


def test_of_many_photographs_some_are_looked_at(tmp_path: Path) -> None:
    (item,) = photographs(tmp_path, 1)
    looked = []

    def find(image: np.ndarray) -> Windows:
        looked.append(image)
        return Windows(np.array([FACE]), np.array([0.5]))

    assert choose_threshold([item] * 901, find, 0.6) == pytest.approx(0.5)
    assert 200 < len(looked) <= 300
