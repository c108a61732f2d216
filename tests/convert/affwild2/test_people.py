from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from yolo_fer.convert.affwild2.people import name_people
from yolo_fer.convert.affwild2.people_doubt import UnknownFace
from yolo_fer.convert.affwild2.source import Side

BARE, LEFT, RIGHT = Side.BARE, Side.LEFT, Side.RIGHT
Where = Mapping[str, tuple[float, float]]
"""Who is where: centre x and size, at the same height."""
FRAMES = 200


def name(where: Callable[[int], Where], *sides: Side, stride: int = 1) -> dict[Side, list[str]]:
    """Who is named in each frame: a name, or the reason why nobody is."""
    rng = np.random.default_rng(0)
    frames, who = [], []
    for i in range(0, FRAMES, stride):
        people = where(i)
        names = list(rng.permutation(sorted(people)))
        rows = []
        for one in names:
            x, size = people[one]
            rows.append([x - 0.38 * size, 200 - size / 2, x + 0.38 * size, 200 + size / 2])
        found = np.array(rows).reshape(-1, 4)
        frames.append((i + 1, found + rng.normal(0, 1, found.shape)))
        who.append(names)
    named = name_people(frames, sides)
    return {
        side: [
            face.reason if isinstance(face := entry[side], UnknownFace) else str(names[face])
            for entry, names in zip(named, who, strict=True)
        ]
        for side in sides
    }


def between(i: int, start: int, end: int, extra: Where) -> Where:
    return extra if start <= i < end else {}


ANN_BEN: Where = {"ann": (100, 100), "ben": (400, 90)}


def test_a_bare_file_names_the_largest_face() -> None:
    assert name(lambda i: {"ann": (400, 100), "ben": (100, 60)}, BARE) == {BARE: ["ann"] * FRAMES}


def test_left_and_right_are_named_by_their_centres() -> None:
    assert name(lambda i: ANN_BEN, LEFT, RIGHT) == {
        LEFT: ["ann"] * FRAMES,
        RIGHT: ["ben"] * FRAMES,
    }


def test_a_single_sided_file_names_that_side_of_the_two_largest() -> None:
    assert name(lambda i: {**ANN_BEN, "tom": (700, 40)}, RIGHT) == {RIGHT: ["ben"] * FRAMES}
    assert name(lambda i: {**ANN_BEN, "tom": (20, 40)}, LEFT) == {LEFT: ["ann"] * FRAMES}


@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_beside_a_bare_file_a_sided_one_is_the_other_whatever_its_side(side: Side) -> None:
    people = {"ann": (400, 150), "ben": (100, 90), "tom": (700, 40)}
    assert name(lambda i: people, BARE, side) == {BARE: ["ann"] * FRAMES, side: ["ben"] * FRAMES}


@pytest.mark.parametrize("start", [0, 50, 180])
def test_a_stranger_who_is_larger_for_some_frames_gets_no_label(start: int) -> None:
    named = name(
        lambda i: {"ann": (100, 100), **between(i, start, start + 15, {"tom": (400, 160)})}, BARE
    )
    assert named == {BARE: ["ann"] * FRAMES}


def test_a_stranger_who_comes_between_two_people_gets_no_label() -> None:
    named = name(lambda i: {**ANN_BEN, **between(i, 50, 90, {"tom": (700, 120)})}, LEFT, RIGHT)
    assert named == {LEFT: ["ann"] * FRAMES, RIGHT: ["ben"] * FRAMES}


@pytest.mark.parametrize("stride", [1, 5])
def test_a_missed_person_hands_the_label_to_nobody(stride: int) -> None:
    named = name(
        lambda i: {"tom": (400, 60), **({} if 50 < i < 80 else {"ann": (100, 100)})},
        BARE,
        stride=stride,
    )[BARE]
    assert set(named) == {"ann", "no_face"}
    assert all((who == "no_face") == (50 < i * stride < 80) for i, who in enumerate(named))


def test_one_of_two_who_is_missed_costs_the_other_nothing() -> None:
    named = name(
        lambda i: {
            "ben": (400, 90),
            "tom": (700, 40),
            **({} if 50 <= i < 70 else {"ann": (100, 100)}),
        },
        LEFT,
        RIGHT,
    )
    assert named[RIGHT] == ["ben"] * FRAMES
    assert named[LEFT] == ["ann"] * 50 + ["no_face"] * 20 + ["ann"] * 130


def test_someone_who_is_shown_while_the_person_is_away_gets_no_label() -> None:
    named = name(lambda i: {"tom": (500, 200)} if 50 <= i < 90 else {"ann": (100, 100)}, BARE)
    assert named == {BARE: ["ann"] * 50 + ["no_face"] * 40 + ["ann"] * 110}


@pytest.mark.parametrize("hidden", [0, 70], ids=["both seen", "one hides the other"])
@pytest.mark.parametrize("turn_back", [False, True], ids=["cross", "turn back"])
def test_people_who_cross_are_in_doubt_from_there_on(hidden: int, turn_back: bool) -> None:
    def where(i: int) -> Where:
        way = 3 * (min(i, FRAMES - i) if turn_back else i)
        seen = abs(600 - 2 * way) >= hidden
        return {"ann": (100 + way, 100), **({"ben": (700 - way, 100)} if seen else {})}

    named = name(where, LEFT, RIGHT)
    assert named[LEFT][:80] == ["ann"] * 80
    assert named[RIGHT][:80] == ["ben"] * 80
    assert set(named[LEFT]) <= {"ann", "doubt", "no_face"}
    assert set(named[RIGHT]) <= {"ben", "doubt", "no_face"}
    assert named[LEFT][-1] in ("ann", "doubt")


def test_people_who_meet_and_stay_hidden_are_in_doubt_until_the_shot_ends() -> None:
    def where(i: int) -> Where:
        if i < 50:
            return {"ann": (100 + 3 * i, 100), "ben": (400 - 3 * i, 100)}
        if i < 100:
            return {"ann": (250, 100)}
        if i < 150:
            return {"ann": (250 + 3 * (i - 100), 100), "ben": (190 - 2 * (i - 100), 100)}
        return {"ann": (800, 60), "ben": (1000, 60)}

    named = name(where, LEFT, RIGHT)
    assert "ben" not in named[LEFT]
    assert "ann" not in named[RIGHT]
    assert named[LEFT][152:] == ["ann"] * 48, "behind a cut nobody can be confused"


def test_a_stranger_of_another_size_who_crosses_the_person_does_no_harm() -> None:
    named = name(lambda i: {"ann": (100 + 3 * i, 100), "tom": (700 - 3 * i, 60)}, BARE)[BARE]
    assert "tom" not in named
    assert named.count("ann") > 0.9 * FRAMES


def test_behind_a_cut_the_rule_names_the_people_again() -> None:
    named = name(
        lambda i: ANN_BEN if i < 100 else {"ann": (500, 200), "ben": (900, 180)}, LEFT, RIGHT
    )
    assert named == {LEFT: ["ann"] * FRAMES, RIGHT: ["ben"] * FRAMES}


def test_a_quick_move_costs_no_frame() -> None:
    named = name(lambda i: {"ann": (100 if i < 100 else 400, 100), "tom": (250, 50)}, BARE)
    assert named == {BARE: ["ann"] * FRAMES}


@pytest.mark.parametrize(
    ("people", "sides"),
    [
        ({"ann": (100, 100), "ben": (400, 101)}, (BARE,)),
        ({"ann": (100, 100)}, (LEFT,)),
        ({"ann": (100, 100)}, (LEFT, RIGHT)),
        ({"ann": (100, 100), "ben": (400, 95), "tom": (700, 98)}, (LEFT, RIGHT)),
    ],
    ids=["two alike", "one where a side is told", "one of two", "three alike"],
)
def test_whoever_could_be_somebody_else_is_in_doubt(people: Where, sides: tuple[Side, ...]) -> None:
    named = name(lambda i: people, *sides)
    assert named == {side: ["doubt"] * FRAMES for side in sides}


def test_a_stranger_who_is_larger_for_long_puts_the_frames_in_doubt() -> None:
    named = name(lambda i: {"ann": (100, 100), **({"tom": (400, 160)} if i >= 80 else {})}, BARE)
    assert named == {BARE: ["ann"] * 80 + ["doubt"] * 120}


def test_frames_without_a_face_have_no_face() -> None:
    assert name(lambda i: {}, LEFT, RIGHT) == {s: ["no_face"] * FRAMES for s in (LEFT, RIGHT)}


def test_a_third_label_file_is_in_doubt_and_the_sided_ones_are_not() -> None:
    named = name(lambda i: ANN_BEN, BARE, LEFT, RIGHT)
    assert {side: set(names) for side, names in named.items()} == {
        BARE: {"doubt"},
        LEFT: {"ann"},
        RIGHT: {"ben"},
    }
