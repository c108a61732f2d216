from __future__ import annotations

import cv2
import numpy as np
import pytest

from yolo_fer.two_stage.cutting import align_faces, cut_squares

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


@pytest.mark.parametrize("degrees", [0, 30, -75, 180])
@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_a_turned_and_scaled_face_comes_back_upright(degrees: float, scale: float) -> None:
    """Five dots stand for its landmarks, each of another brightness."""
    places = np.array([[20.0, 25], [45, 25], [32, 38], [23, 50], [42, 50]])
    turn = np.radians(degrees)
    matrix = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    landmarks = (places - 32) @ matrix.T + 150
    image = np.zeros((300, 300, 3), np.uint8)
    levels = (80, 120, 160, 200, 240)
    for (x, y), level in zip(landmarks.round().astype(int).tolist(), levels, strict=True):
        cv2.circle(image, (x, y), max(2, round(4 * scale)), (level,) * 3, -1)
    (crop,) = align_faces(image, landmarks[None], places, 64)
    assert crop.shape == (64, 64, 3)
    found = [int(crop[int(y), int(x), 0]) for x, y in places]
    assert found == pytest.approx(levels, abs=2)


def test_each_face_is_aligned_by_its_own_landmarks_and_no_face_gives_no_crop() -> None:
    places = np.array([[2.0, 2], [6, 2], [4, 6]])
    image = np.zeros((20, 20, 3), np.uint8)
    image[:, 10:] = 200
    dark, bright = align_faces(image, np.stack([places, places + np.array([11, 0])]), places, 8)
    assert (dark.max(), bright.min()) == (0, 200)
    assert align_faces(image, np.empty((0, 3, 2)), places, 8) == []


def test_a_face_in_a_long_panorama_is_aligned() -> None:
    places = np.array([[2.0, 2], [6, 2], [4, 6]])
    image = np.zeros((20, 40_000, 3), np.uint8)
    image[4:, 39_980:] = 200
    (crop,) = align_faces(image, (places + np.array([39_976, 2]))[None], places, 8)
    assert (crop[3:, 5:] == 200).all()
    assert not crop[:, :3].any()
    assert not crop[:1].any()
