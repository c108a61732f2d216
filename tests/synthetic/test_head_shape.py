from __future__ import annotations

import numpy as np
import pytest

from yolo_fer.synthetic.appearance import sample_person
from yolo_fer.synthetic.expressions import ActionUnit, Expression
from yolo_fer.synthetic.head_shape import head_outline, jaw_drop

PERSON = sample_person(np.random.default_rng(0))
AT_REST = Expression({})
OPEN = Expression({ActionUnit.JAW_DROP: 1.0})


def test_a_head_at_rest_goes_from_skull_to_chin_and_is_as_broad_left_as_right() -> None:
    outline = head_outline(PERSON, AT_REST, yaw=0)
    assert outline[:, 1].min() == pytest.approx(-1, abs=0.03)
    assert outline[:, 1].max() == pytest.approx(1, abs=0.03)
    assert outline[:, 0].max() == pytest.approx(-outline[:, 0].min())
    assert outline[:, 0].max() == pytest.approx(PERSON.width, rel=0.05)


def test_a_jaw_that_drops_takes_the_chin_along_and_leaves_the_skull() -> None:
    rest, dropped = (head_outline(PERSON, face, yaw=0) for face in (AT_REST, OPEN))
    assert dropped[:, 1].max() - rest[:, 1].max() == pytest.approx(jaw_drop(OPEN), abs=0.01)
    assert dropped[:, 1].min() == rest[:, 1].min()


def test_a_head_that_turns_moves_its_chin_further_than_its_skull() -> None:
    rest, turned = (head_outline(PERSON, AT_REST, yaw) for yaw in (0, 0.4))
    moved = turned[:, 0] - rest[:, 0]
    assert moved[rest[:, 1].argmax()] == pytest.approx(moved.max())
    assert moved.max() > 0.05
    assert moved[rest[:, 1].argmin()] == 0
