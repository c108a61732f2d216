from __future__ import annotations

import cv2
import numpy as np
import pytest

from yolo_fer.images.fitting import fit_into, fit_jpeg, shrink, warp, warpable


@pytest.mark.parametrize("shape", [(10, 40), (40, 10), (300, 200), (1, 5000)])
def test_an_image_fits_into_any_size_in_the_middle(shape: tuple[int, int]) -> None:
    fitted = fit_into(np.full((*shape, 3), 200, np.uint8), (60, 30), grey=0)
    assert fitted.shape == (30, 60, 3)
    inside = (fitted == 200).all(axis=2)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    assert inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
    assert abs(rows[0] - (29 - rows[-1])) <= 1
    assert abs(columns[0] - (59 - columns[-1])) <= 1
    assert fitted.sum() == 600 * inside.sum(), "the rest is black"


def test_an_image_is_scaled_down_and_never_up() -> None:
    image = np.zeros((30, 60, 3), np.uint8)
    smaller, scale = shrink(image, 20)
    assert (smaller.shape, scale) == ((10, 20, 3), 1 / 3)
    same, scale = shrink(image, 60)
    assert same is image
    assert scale == 1
    assert shrink(np.zeros((1, 900, 3), np.uint8), 9)[0].shape == (1, 9, 3), "no side is empty"


def test_an_image_that_a_jpeg_file_can_hold_stays_as_it_is() -> None:
    image = np.zeros((2, 65_500, 3), np.uint8)
    assert fit_jpeg(image) is image
    assert fit_jpeg(np.zeros((65_510, 100, 3), np.uint8)).shape == (65_500, 100, 3)


TURNED = np.array([[1.5, -0.5], [0.5, 1.5]])


@pytest.mark.parametrize("place", [(39_950, 30), (39_890, -20), (39_000, 10), (-9_000, 0)])
def test_a_part_of_a_long_image_is_turned_as_if_the_image_were_short(
    place: tuple[int, int],
) -> None:
    """A part at the right end of the image, at its edges, in its middle, and beyond it."""
    short = np.random.default_rng(0).integers(0, 256, (100, 2_000, 3), np.uint8)
    long = cv2.copyMakeBorder(short, 0, 0, 38_000, 0, cv2.BORDER_REPLICATE)
    within = np.column_stack([TURNED, np.array(place) - (38_000, 0)])
    expected = warp(short, within, (64, 48), grey=9)
    found = warp(long, np.column_stack([TURNED, place]), (64, 48), grey=9)
    assert found.shape == (48, 64, 3)
    assert np.abs(found.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("turn", [False, True])
def test_a_whole_long_image_is_warped_too(turn: bool) -> None:
    image = np.full((20, 70_000, 3), 50, np.uint8)
    image[:, 35_000:] = 200
    matrix = np.array([[700.0, 0, 0], [0, 0.2, 0]])
    image, matrix = (image.swapaxes(0, 1), matrix[::-1, [1, 0, 2]]) if turn else (image, matrix)
    warped = warp(np.ascontiguousarray(image), matrix, (100, 100))
    shown = warped.swapaxes(0, 1) if turn else warped
    assert (shown[1:90, 1:49] == 50).all()
    assert (shown[1:90, 51:-1] == 200).all()


@pytest.mark.parametrize("long", [33_000, 60_000])
def test_a_long_image_of_shares_becomes_one_that_opencv_warps_to_the_same_place(long: int) -> None:
    image = np.zeros((9, long), np.float32)
    image[:, long // 2 :] = 0.75
    matrix = np.array([[100 / long, 0, 0], [0, 1, 0]])  # from the image to the result
    part, moved = warpable(image, matrix, (100, 9))
    assert max(part.shape) < 32_767
    warped = cv2.warpAffine(part, moved, (100, 9), flags=cv2.INTER_LINEAR)
    assert warped[4, 1:49].max() == 0
    assert warped[4, 51:99] == pytest.approx(0.75)


def test_an_image_that_opencv_warps_stays_as_it_is() -> None:
    image, matrix = np.zeros((9, 32_766, 3), np.uint8), np.eye(2, 3)
    same = warpable(image, matrix, (5, 5))
    assert same[0] is image
    assert same[1] is matrix
