"""Where the rule and the tracks of people cannot both be right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from yolo_fer.convert.affwild2.people_doubt import (
    SWAPPED,
    Named,
    UnknownFace,
    without_strangers,
    without_swaps,
)
from yolo_fer.convert.affwild2.source import Side
from yolo_fer.convert.affwild2.tracked_faces import TrackedFaces
from yolo_fer.dataset.drop_reasons import DropReason

BARE, LEFT, RIGHT = Side.BARE, Side.LEFT, Side.RIGHT
REACH = 30
GONE = UnknownFace(DropReason.NO_FACE, "")


def video(roles: tuple[Side, ...], frames: Sequence[list[tuple[float, float]]]) -> TrackedFaces:
    """Each frame has the centre x and the size of each face, in their order."""
    rows = [
        (
            number,
            np.array([[x - s / 2, 50, x + s / 2, 50 + s] for x, s in faces], float).reshape(-1, 4),
        )
        for number, faces in enumerate(frames, start=1)
    ]
    return TrackedFaces.of(rows, roles, REACH)


def reasons(named: Sequence[Named], side: Side) -> list[str | int]:
    return [e[side].reason if isinstance(e[side], UnknownFace) else e[side] for e in named]  # type: ignore[union-attr, misc]


def test_who_is_named_while_the_rule_names_another_face_for_long_is_in_doubt() -> None:
    person, stranger = (100.0, 60.0), (400.0, 90.0)
    alone, both = [person], [person, stranger]
    for length, doubt in ((REACH // 2, False), (2 * REACH, True)):
        tracked = video((BARE,), [alone] * 10 + [both] * length + [alone] * 10)
        named: list[Named] = [{BARE: 0} for _ in tracked.numbers]
        found = reasons(without_strangers(named, tracked), BARE)
        assert found[:10] == found[-10:] == [0] * 10
        assert found[10:-10] == (["doubt"] if doubt else [0]) * length


def test_a_frame_without_a_face_neither_ends_a_doubt_nor_is_in_it() -> None:
    both = [(100.0, 60.0), (400.0, 90.0)]
    tracked = video((BARE,), [both] * 80)
    named: list[Named] = [{BARE: GONE if p == 40 else 0} for p in range(80)]
    found = reasons(without_strangers(named, tracked), BARE)
    assert found == ["doubt"] * 40 + ["no_face"] + ["doubt"] * 39


def test_two_people_who_changed_sides_are_in_doubt_around_the_change() -> None:
    apart, close, changed = (100.0, 400.0), (240.0, 250.0), (400.0, 100.0)
    places = [apart] * 5 + [close] * 3 + [changed] * 4 + [close] * 2 + [apart] * 5
    tracked = video((LEFT, RIGHT), [[(x, 80.0) for x in pair] for pair in places])
    named: list[Named] = [{LEFT: 0, RIGHT: 1} for _ in places]
    found = reasons(without_swaps(named, tracked), LEFT)
    assert found == [0] * 5 + ["doubt"] * 9 + [0] * 5
    assert without_swaps(named, tracked)[6][RIGHT] == SWAPPED


def test_beside_a_bare_file_the_side_of_a_person_says_nothing() -> None:
    tracked = video((BARE, LEFT), [[(400.0, 90.0), (100.0, 60.0)]] * 3)
    named: list[Named] = [{BARE: 1, LEFT: 0} for _ in range(3)]
    assert without_swaps(named, tracked) == named
