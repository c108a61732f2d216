from __future__ import annotations

import numpy as np
import pytest

from yolo_fer import boxes

SOME = np.array([[10.0, 20.0, 50.0, 90.0], [0.0, 0.0, 1.0, 1.0], [-5.5, 3.0, 12.25, 400.0]])


def test_formats_go_there_and_back() -> None:
    assert np.allclose(boxes.xywh_to_xyxy(boxes.xyxy_to_xywh(SOME)), SOME)
    there = boxes.xyxy_to_cxcywhn(SOME, 640, 480)
    assert np.allclose(boxes.cxcywhn_to_xyxy(there, 640, 480), SOME)


def test_yolo_boxes_are_normalised_by_width_and_height() -> None:
    box = boxes.xyxy_to_cxcywhn(np.array([[10.0, 20.0, 30.0, 60.0]]), 100, 200)
    assert box.tolist() == [[0.2, 0.2, 0.2, 0.2]]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ([0, 0, 10, 10], 1.0),  # the same
        ([5, 0, 15, 10], 1 / 3),  # half of each
        ([10, 0, 20, 10], 0.0),  # touching
        ([50, 50, 60, 60], 0.0),  # apart
        ([2, 2, 4, 4], 0.04),  # inside
    ],
)
def test_iou(other: list[float], expected: float) -> None:
    found = boxes.iou(np.array([[0.0, 0, 10, 10]]), np.array([other], dtype=float))
    assert found[0, 0] == pytest.approx(expected)


def test_iou_of_no_boxes_is_empty() -> None:
    assert boxes.iou(np.zeros((0, 4)), SOME).shape == (0, 3)
    assert boxes.match(np.zeros((0, 4)), SOME, 0.5) == []
    assert boxes.match(SOME, np.zeros((0, 4)), 0.5) == []


def test_matching_is_one_to_one_and_takes_the_best_first() -> None:
    a = np.array([[0.0, 0, 10, 10], [1.0, 0, 11, 10]])
    b = np.array([[1.0, 0, 11, 10]])
    assert boxes.match(a, b, 0.5) == [(1, 0)]


def test_suppression_keeps_the_best_of_each_heap() -> None:
    heap = np.array([[0.0, 0, 10, 10], [1, 0, 11, 10], [100, 100, 120, 120]])
    assert boxes.nms(heap, np.array([0.5, 0.9, 0.7]), 0.5).tolist() == [1, 2]
    assert boxes.nms(np.zeros((0, 4)), np.zeros(0), 0.5).tolist() == []


def test_clipping_keeps_boxes_inside_and_empties_those_outside() -> None:
    clipped = boxes.clip(np.array([[-5.0, 5, 20, 300], [500, 500, 600, 600]]), 100, 200)
    assert clipped.tolist() == [[0, 5, 20, 200], [100, 200, 100, 200]]
    assert boxes.area(clipped).tolist() == [20 * 195, 0]


def test_a_retinaface_box_becomes_a_larger_square_and_comes_back() -> None:
    tight = np.array([[100.0, 100.0, 176.0, 200.0]])
    loose = boxes.retinaface_to_expw(tight)
    width, height = (loose[0, 2:] - loose[0, :2]).tolist()
    assert width == pytest.approx(height)
    assert boxes.area(loose)[0] / boxes.area(tight)[0] == pytest.approx(1.3, abs=0.1)
    assert np.allclose(boxes.expw_to_retinaface(loose), tight, atol=0.1)


def test_widening_adds_a_share_of_the_size_to_each_side() -> None:
    widened = boxes.widen(np.array([[10.0, 20, 30, 60]]), 0.25)
    assert widened.tolist() == [[5, 10, 35, 70]]
