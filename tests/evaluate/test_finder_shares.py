from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.helpers.bright_finder import BrightFinder, draw
from yolo_fer.errors import YoloFerError
from yolo_fer.evaluate.finder_shares import count_found, measure_found
from yolo_fer.evaluate.wider_face import WiderImage

TRUE = [[100, 100, 200, 200]]


def labelled(folder: Path, name: str, drawn: list[list[int]], true: list[list[int]]) -> WiderImage:
    path = folder / name
    cv2.imwrite(str(path), draw(400, 500, drawn))
    return WiderImage(path, np.array(true, float).reshape(-1, 4), 0)


@pytest.mark.parametrize(
    ("width", "found"),
    [(100, [1, 1, 1]), (86, [1, 1, 1]), (84, [1, 1, 0]), (74, [1, 0, 0]), (49, [0, 0, 0])],
)
def test_a_face_is_found_where_a_box_overlaps_it_enough(width: int, found: list[int]) -> None:
    boxes = np.array([[100, 100, 100 + width, 200]], float)

    assert count_found(np.array(TRUE, float), boxes) == found


def test_two_boxes_on_a_face_find_it_once_and_one_box_finds_one_face() -> None:
    face = np.array(TRUE, float)

    assert count_found(face, np.concatenate([face, face + 1])) == [1, 1, 1]
    assert count_found(np.concatenate([face, face + 1]), face) == [1, 1, 1]


def test_one_face_images_are_counted_apart_and_within_all(tmp_path: Path) -> None:
    items = [
        labelled(tmp_path, "one.png", TRUE, TRUE),
        labelled(tmp_path, "two.png", TRUE, [*TRUE, [300, 300, 340, 340]]),
        labelled(tmp_path, "none.png", [], []),
    ]

    one, every = measure_found([BrightFinder()], items).shares

    assert (one.images, one.image_count, one.faces, one.found) == ("one face", 1, 1, (1, 1, 1))
    assert (every.images, every.image_count, every.faces, every.boxes) == ("all", 3, 3, 2)
    assert every.share(0) == pytest.approx(2 / 3)
    assert every.to_json()["share"]["0.5"] == pytest.approx(2 / 3)


def test_an_image_that_cannot_be_read_is_counted_and_the_rest_is_measured(tmp_path: Path) -> None:
    items = [
        WiderImage(tmp_path / "missing.png", np.array(TRUE, float), 2),
        labelled(tmp_path, "one.png", TRUE, TRUE),
    ]

    found = measure_found([BrightFinder()], items)

    assert found.skipped == {"missing_image": 1, "empty_box": 2}
    assert found.faces_left_out == 1
    assert found.shares[1].faces == 1


def test_without_a_readable_image_there_is_no_table(tmp_path: Path) -> None:
    items = [WiderImage(tmp_path / "missing.png", np.array(TRUE, float), 0)]

    with pytest.raises(YoloFerError, match="missing_image"):
        measure_found([BrightFinder()], items)
