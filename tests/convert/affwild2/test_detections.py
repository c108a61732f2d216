"""Faces that were found once are found again without looking."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from yolo_fer.convert.affwild2.detections import StoredDetections
from yolo_fer.convert.scan import FinderChoice

SHA256 = "ab" * 32
FRAMES = {
    1: np.array([[1.234, 2, 30, 40], [5, 6, 70, 80.999]]),
    7: np.zeros((0, 4)),
    4: np.array([[0.0, 0, 9, 9]]),
}


def load(cache: Path, **choice: object) -> StoredDetections:
    finder = FinderChoice(**{"name": "haar", **choice})  # type: ignore[arg-type]
    return StoredDetections.load(cache, SHA256, finder)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    stored = load(tmp_path)
    for frame, boxes in FRAMES.items():
        stored.add(frame, boxes)
    stored.keep()
    return stored.path


def test_boxes_are_the_same_whether_just_found_or_kept(kept: Path, tmp_path: Path) -> None:
    again = load(tmp_path)
    assert again.boxes.keys() == FRAMES.keys()
    for frame, boxes in FRAMES.items():
        fresh = StoredDetections(kept)
        fresh.add(frame, boxes)
        np.testing.assert_allclose(again.boxes[frame], fresh.boxes[frame], atol=1e-5)
        assert again.boxes[frame].shape == boxes.shape


@pytest.mark.parametrize("choice", [{"threshold": 0.7}, {"margin": True}])
def test_what_another_choice_would_find_is_not_taken(
    kept: Path, tmp_path: Path, choice: dict[str, object]
) -> None:
    other = load(tmp_path, **choice)
    assert other.boxes == {}
    assert other.path != kept


@pytest.mark.parametrize("size", [0, 10, 200])
def test_a_damaged_file_is_as_good_as_none_and_is_replaced(
    kept: Path, tmp_path: Path, size: int
) -> None:
    kept.write_bytes(kept.read_bytes()[:size])
    damaged = load(tmp_path)
    assert damaged.boxes == {}
    damaged.add(1, FRAMES[1])
    damaged.keep()
    assert load(tmp_path).boxes.keys() == {1}


def test_it_is_written_only_where_enough_is_new(tmp_path: Path) -> None:
    stored = load(tmp_path)
    stored.add(1, FRAMES[1])
    stored.keep(least=2)
    assert not stored.path.exists()
    stored.add(7, FRAMES[7])
    stored.keep(least=2)
    assert stored.path.exists()


def test_a_place_that_cannot_be_written_is_told_once_and_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "cache").touch()
    stored = load(tmp_path / "cache")
    for frame in (1, 2):
        stored.add(frame, FRAMES[1])
        stored.keep()
    assert len(stored.problems) == 1
    assert "cannot be kept" in stored.problems[0]
    assert stored.boxes.keys() == {1, 2}
