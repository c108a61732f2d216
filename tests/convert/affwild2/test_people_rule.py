"""Which faces of one frame Aff-Wild2's file names clearly speak of."""

from __future__ import annotations

import numpy as np
import pytest

from yolo_fer.convert.affwild2.people_rule import (
    apart,
    by_rule,
    clearly_larger,
    faces_of,
    roles_of,
    stand_side_by_side,
)
from yolo_fer.convert.affwild2.source import Side

BARE, LEFT, RIGHT = Side.BARE, Side.LEFT, Side.RIGHT


def named(sides: set[Side], *people: tuple[float, float]) -> dict[Side, int]:
    """People are the centre x and the size of a square face, all at the same height."""
    rows = [[x - size / 2, 0, x + size / 2, size] for x, size in people]
    return by_rule(faces_of(np.array(rows, float).reshape(-1, 4)), roles_of(sides))


@pytest.mark.parametrize(
    ("sides", "roles"),
    [
        ({BARE}, (BARE,)),
        ({BARE, LEFT}, (BARE, LEFT)),
        ({LEFT}, (LEFT, RIGHT)),
        ({LEFT, RIGHT}, (LEFT, RIGHT)),
        ({BARE, LEFT, RIGHT}, (LEFT, RIGHT)),
    ],
)
def test_the_label_files_tell_which_people_are_followed(
    sides: set[Side], roles: tuple[Side, ...]
) -> None:
    assert roles_of(sides) == roles


def test_a_bare_file_speaks_of_the_face_that_is_clearly_the_largest() -> None:
    assert named({BARE}, (100, 90)) == {BARE: 0}
    assert named({BARE}, (100, 60), (300, 90)) == {BARE: 1}
    assert named({BARE}, (100, 88), (300, 90)) == {}, "it could be either"
    assert named({BARE}) == {}


def test_sided_files_speak_of_the_two_largest_by_their_places() -> None:
    assert named({LEFT, RIGHT}, (300, 90), (100, 80), (200, 20)) == {LEFT: 1, RIGHT: 0}
    assert named({LEFT, RIGHT}, (300, 90)) == {}, "one of them is not there"
    assert named({LEFT, RIGHT}, (100, 90), (110, 88)) == {}, "one is in front of the other"
    assert named({LEFT, RIGHT}, (300, 90), (100, 80), (200, 78)) == {}, "who is the second?"


def test_beside_a_bare_file_a_sided_one_speaks_of_the_other() -> None:
    assert named({BARE, LEFT}, (100, 60), (300, 90)) == {BARE: 1, LEFT: 0}
    assert named({BARE, LEFT}, (100, 90), (300, 60)) == {BARE: 0, LEFT: 1}, "whatever its side"
    assert named({BARE, LEFT}, (100, 88), (300, 90)) == {BARE: 1, LEFT: 0}, "the side decides"
    assert named({BARE, RIGHT}, (100, 88), (300, 90)) == {BARE: 0, RIGHT: 1}
    assert named({BARE, LEFT}, (100, 120), (300, 60), (500, 59)) == {BARE: 0}


def test_sizes_and_places_are_compared_with_room_for_boxes_that_wobble() -> None:
    small, large, beside = faces_of(
        np.array([[0, 0, 100, 100], [0, 0, 115, 115], [50, 0, 150, 100]], float)
    )
    assert clearly_larger(large, small)
    assert not clearly_larger(small, large)
    assert stand_side_by_side(small, beside)
    assert not stand_side_by_side(small, large)
    assert apart(small, beside) == pytest.approx(0.5)
