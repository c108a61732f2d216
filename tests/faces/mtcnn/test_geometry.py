from __future__ import annotations

import numpy as np
import pytest

from yolo_fer.faces.mtcnn.geometry import (
    calibrate,
    cell_boxes,
    crop,
    offsets_to,
    pyramid_scales,
    squares,
    to_input,
)


def test_offsets_to_a_face_are_what_brings_a_window_to_it() -> None:
    random = np.random.default_rng(0)
    corner = random.uniform(-20, 300, (50, 2))
    windows = np.concatenate([corner, corner + random.uniform(5, 90, (50, 2))], axis=1)
    faces = windows + random.uniform(-10, 10, (50, 4))

    assert np.allclose(calibrate(windows, offsets_to(windows, faces)), faces)


def test_a_square_has_the_longer_side_and_the_same_centre() -> None:
    boxes = np.array([[0, 0, 10, 4], [5, 5, 6, 25]], float)

    found = squares(boxes)

    assert np.allclose(found, [[0, -3, 10, 7], [-4.5, 5, 15.5, 25]])


def test_the_pyramid_ends_where_the_smallest_network_sees_the_whole_image() -> None:
    scales = pyramid_scales(200, 300, 20)

    assert scales[0] == pytest.approx(0.6)
    assert 200 * scales[-1] >= 12 > 200 * scales[-1] * 0.709


@pytest.mark.parametrize("shape", [(1, 1), (19, 400), (400, 19)])
def test_an_image_lower_than_the_smallest_face_has_no_pyramid(shape: tuple[int, int]) -> None:
    assert pyramid_scales(*shape, 20) == []


def test_a_cell_looks_at_twelve_pixels_of_the_scaled_image() -> None:
    boxes = cell_boxes(np.array([0, 3]), np.array([0, 5]), 0.5)

    assert np.allclose(boxes, [[0, 0, 24, 24], [20, 12, 44, 36]])


def test_a_crop_is_black_where_the_image_ends() -> None:
    image = np.full((40, 60, 3), 200, np.uint8)

    inside, half, outside = crop(
        image, np.array([[10, 10, 34, 34], [48, 8, 72, 32], [90, 9, 99, 18]]), 24
    )

    assert (inside == 200).all()
    assert (half[:, :12] == 200).all()
    assert (half[:, 12:] == 0).all()
    assert (outside == 0).all()


def test_crops_of_no_boxes_are_none() -> None:
    assert crop(np.zeros((9, 9, 3), np.uint8), np.empty((0, 4)), 24).shape == (0, 24, 24, 3)


def test_networks_are_given_red_first_from_minus_one_to_one() -> None:
    blue = np.zeros((1, 2, 2, 3), np.uint8)
    blue[..., 0] = 255

    given = to_input(blue)

    assert given.shape == (1, 3, 2, 2)
    assert given[0, :, 0, 0] == pytest.approx([-127.5 / 128, -127.5 / 128, 127.5 / 128])
