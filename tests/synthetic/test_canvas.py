"""Painting in the coordinates of a head: origin between eyes and mouth, chin at y = 1."""

from __future__ import annotations

import numpy as np
import pytest

from yolo_fer.synthetic.canvas import Canvas, Pose, curve, ellipse, ribbon

RED = np.array([0.0, 0, 255])
SQUARE = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])


def painted(canvas: Canvas) -> np.ndarray:
    return np.argwhere(canvas.image[..., 2] > 127)[:, ::-1]


def test_a_shape_is_painted_where_its_pixels_are() -> None:
    canvas = Canvas(40, Pose())
    canvas.fill(SQUARE, RED)
    corners = canvas.pixels(SQUARE)
    found = painted(canvas)
    assert found.min(axis=0) == pytest.approx(corners.min(axis=0), abs=1)
    assert found.max(axis=0) == pytest.approx(corners.max(axis=0), abs=1)
    assert canvas.alpha.max() == 0, "what is painted is not yet shown"
    canvas.show(SQUARE)
    assert (canvas.alpha > 127).sum() == pytest.approx(len(found), rel=0.1)


def test_what_does_not_lean_with_the_head_stays() -> None:
    upright, leant = Canvas(40, Pose()), Canvas(40, Pose(roll=0.4))
    np.testing.assert_allclose(leant.pixels(SQUARE, lean=False), upright.pixels(SQUARE))
    assert np.abs(leant.pixels(SQUARE) - upright.pixels(SQUARE)).max() > 10


def test_half_opaque_paint_lets_half_of_the_ground_through() -> None:
    canvas = Canvas(40, Pose())
    canvas.image[:] = 100
    canvas.fill(SQUARE, RED, opacity=0.5)
    x, y = canvas.pixels(np.zeros((1, 2)))[0].astype(int)
    assert canvas.image[y, x].tolist() == pytest.approx([50, 50, 177], abs=2)


def test_paint_stays_within_its_clip_and_outside_of_the_canvas_there_is_none() -> None:
    canvas = Canvas(40, Pose())
    left = canvas.mask(SQUARE - (0.5, 0))
    canvas.fill(SQUARE, RED, clip=left)
    assert painted(canvas)[:, 0].max() <= canvas.pixels(np.zeros((1, 2)))[0, 0] + 1
    before = canvas.image.copy()
    canvas.fill(SQUARE + 99, RED, opacity=0.5)
    assert (canvas.image == before).all()


def test_a_head_that_turns_moves_its_middle_and_keeps_its_edges() -> None:
    points = np.array([[-0.7, 0.0], [0.0, 0.0], [0.7, 0.0]])
    slid = Pose(yaw=0.3).slide(points, half_width=0.7)
    assert slid[[0, 2], 0] == pytest.approx([-0.7, 0.7])
    assert slid[1, 0] > 0.1
    assert Pose(yaw=0.3).turn(points)[1, 0] > 0.1
    np.testing.assert_allclose(Pose().turn(points), points, atol=1e-9)


@pytest.mark.parametrize("closed", [True, False])
def test_a_curve_goes_through_its_knots(closed: bool) -> None:
    knots = np.array([[0, 0], [1, 0.2], [1, 1], [0, 1.3]], float)
    found = curve(knots, closed=closed, steps=5)
    np.testing.assert_allclose(found[::5], knots)
    assert len(found) == (20 if closed else 16)


def test_a_ribbon_is_as_wide_as_it_is_told_from_end_to_end() -> None:
    line = np.column_stack([np.linspace(0, 1, 5), np.zeros(5)])
    outline = ribbon(line, [0.2, 0.4])
    assert outline.shape == (10, 2)
    assert abs(outline[0, 1] - outline[-1, 1]) == pytest.approx(0.2)
    assert abs(outline[4, 1] - outline[5, 1]) == pytest.approx(0.4)


def test_an_ellipse_lies_around_its_middle() -> None:
    points = ellipse(0.1, 0.2, 0.3, 0.1)
    assert points.mean(axis=0) == pytest.approx([0.1, 0.2])
    assert np.ptp(points, axis=0) == pytest.approx([0.6, 0.2])
