from __future__ import annotations

import math

import numpy as np
import pytest

from tests.helpers.drawn_pictures import photograph
from tools.shipping.placing import Place, move_boxes, placement, visible, warp, whole_square
from yolo_fer.emotions import Emotion

BOX = np.array([10, 20, 50, 60], np.float32)


@pytest.mark.parametrize(
    "place",
    [
        Place(100, 80, 60),
        Place(100, 80, 12),
        Place(100, 80, 60, turn=0.3),
        Place(100, 80, 60, mirrored=True),
        Place(100, 80, 60, turn=-0.2, mirrored=True),
    ],
)
def test_a_box_goes_where_its_place_says(place: Place) -> None:
    (moved,) = move_boxes(BOX[None], placement(BOX, place))
    half = place.side / 2
    expected = [place.x - half, place.y - half, place.x + half, place.y + half]
    np.testing.assert_allclose(moved, expected, atol=1e-6)


@pytest.mark.parametrize("side", [15, 80])  # shrunk by averaging, and enlarged
def test_pixels_go_where_boxes_go(side: float) -> None:
    pixels = np.zeros((90, 90), np.uint8)
    pixels[20:60, 10:50] = 255
    matrix = placement(BOX, Place(60, 70, side))
    rows, columns = np.nonzero(warp(pixels, matrix, 128, fill=0) > 127)
    seen = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    np.testing.assert_allclose(seen, move_boxes(BOX[None], matrix)[0], atol=1.6)


def test_a_mirrored_face_looks_the_other_way() -> None:
    pixels = np.zeros((90, 90), np.uint8)
    pixels[20:60, 10:20] = 255  # bright on the left of the box
    warped = warp(pixels, placement(BOX, Place(64, 64, 40, mirrored=True)), 128, fill=0)
    assert warped[64, 80] == 255
    assert warped[64, 48] == 0


def test_a_turned_face_keeps_the_size_of_its_box() -> None:
    matrix = placement(BOX, Place(64, 64, 40, turn=math.pi / 6))
    (moved,) = move_boxes(BOX[None], matrix)
    assert moved[2] - moved[0] == pytest.approx(40)


@pytest.mark.parametrize(
    ("box", "is_found", "is_ignored"),
    [
        ((10, 10, 50, 50), True, False),
        ((-4, 10, 36, 50), True, False),  # nine tenths are there
        ((-20, 10, 20, 50), True, False),  # half of it: a face at the edge
        ((-30, 10, 10, 50), False, True),  # a quarter: neither a face nor background
        ((-39, 10, 1, 50), False, False),  # hardly anything: background
        ((-90, 10, -50, 50), False, False),
        ((10, 10, 16, 16), False, True),  # too small to be found, but a face
    ],
)
def test_a_face_counts_by_how_much_of_it_is_there(
    box: tuple[float, ...], is_found: bool, is_ignored: bool
) -> None:
    cut, found, ignored = visible(np.array([box], float), 100, 7)
    assert (found[0], ignored[0]) == (is_found, is_ignored)
    assert cut.min() >= 0
    assert cut.max() <= 100


def test_the_square_around_a_picture_is_centred() -> None:
    picture = photograph(Emotion.FEAR)  # 320x240
    np.testing.assert_allclose(whole_square(picture), [0, -40, 320, 280])
