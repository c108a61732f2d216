from __future__ import annotations

import numpy as np

from yolo_fer.dataset.masking import GREY, paint
from yolo_fer.dataset.samples import Box

IMAGE = np.random.default_rng(0).integers(120, 256, (40, 60, 3), dtype=np.uint8)


def test_a_hidden_face_is_grey_and_everything_else_as_it_was() -> None:
    before = IMAGE.copy()
    painted = paint(IMAGE, [Box(10, 5, 20, 15)], [])
    assert (painted[5:15, 10:20] == GREY).all()
    assert (painted != IMAGE).any(axis=2).sum() == 100
    assert (before == IMAGE).all()


def test_a_pixel_that_a_box_only_touches_is_hidden_too() -> None:
    painted = paint(IMAGE, [Box(10.5, 5.5, 19.1, 14.1)], [])
    assert (painted[5:15, 10:20] == GREY).all()


def test_a_labelled_face_stays_where_it_lies_in_a_hidden_one() -> None:
    painted = paint(IMAGE, [Box(10, 5, 30, 25)], [Box(20, 10, 40, 20)])
    assert (painted[10:20, 20:40] == IMAGE[10:20, 20:40]).all()
    assert (painted[5:10, 10:30] == GREY).all()


def test_boxes_may_pass_the_edge_of_the_image_or_lie_outside() -> None:
    painted = paint(IMAGE, [Box(-9, -9, 5, 5), Box(55, 35, 99, 99), Box(-9, -9, -2, -2)], [])
    assert (painted == GREY).all(axis=2).sum() == 50
