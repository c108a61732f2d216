from __future__ import annotations

import numpy as np

from yolo_fer.two_stage.cutting import cut_squares

IMAGE = np.arange(20 * 30 * 3, dtype=np.uint32).astype(np.uint8).reshape(20, 30, 3)


def cut(*square: float) -> np.ndarray:
    (crop,) = cut_squares(IMAGE, np.array([square], dtype=float))
    return crop


def test_a_square_inside_the_image_is_a_view_of_it() -> None:
    crop = cut(3, 4, 9, 10)
    assert np.shares_memory(crop, IMAGE)
    assert (crop == IMAGE[4:10, 3:9]).all()


def test_beyond_the_edge_the_edge_repeats() -> None:
    crop = cut(-2, -3, 5, 4)
    padded = np.pad(IMAGE, ((3, 0), (2, 0), (0, 0)), mode="edge")
    assert (crop == padded[:7, :7]).all()
    crop = cut(25, 15, 33, 23)
    padded = np.pad(IMAGE, ((0, 3), (0, 3), (0, 0)), mode="edge")
    assert (crop == padded[15:23, 25:33]).all()


def test_a_face_of_less_than_a_pixel_has_a_crop_of_one() -> None:
    assert cut(5.2, 5.2, 5.4, 5.4).shape == (1, 1, 3)
    assert cut(29.9, 19.9, 30.1, 30.1).size >= 3


def test_a_square_outside_the_image_shows_its_nearest_edge() -> None:
    assert (cut(100, 5, 104, 9) == IMAGE[5:9, 29:30]).all()
    assert (cut(-90, -90, -80, -80) == IMAGE[0, 0]).all()


def test_no_crop_is_larger_than_the_image_however_wild_the_box() -> None:
    assert cut(-1e6, -1e6, 1e6, 1e6).shape == (30, 30, 3)


def test_no_box_gives_no_crop() -> None:
    assert cut_squares(IMAGE, np.empty((0, 4))) == []
