"""The faces of a whole video and their tracks."""

from __future__ import annotations

import numpy as np

from yolo_fer.convert.affwild2.source import Side
from yolo_fer.convert.affwild2.tracked_faces import TrackedFaces

BARE, LEFT, RIGHT = Side.BARE, Side.LEFT, Side.RIGHT
REACH = 30


def video(
    *frames: dict[str, tuple[float, float]], roles: tuple[Side, ...] = (BARE,)
) -> TrackedFaces:
    """Each frame has for each person the centre x and the size of the face."""
    rows = [
        (
            number,
            np.array(
                [[x - s / 2, 100 - s / 2, x + s / 2, 100 + s / 2] for x, s in people.values()]
            ).reshape(-1, 4),
        )
        for number, people in enumerate(frames, start=1)
    ]
    return TrackedFaces.of(rows, roles, REACH)


def test_each_track_knows_the_frames_in_which_it_is_seen() -> None:
    both = {"ann": (100.0, 80.0), "ben": (400.0, 60.0)}
    tracked = video(*[both] * 5, *[{"ben": both["ben"]}] * 5)
    ann, ben = (tracked.tracks[0][index] for index in (0, 1))
    assert ann is not None
    assert ben is not None
    assert (tracked.seen[ann], tracked.seen[ben]) == (list(range(5)), list(range(10)))
    assert tracked.visible(0).keys() == {ann, ben}
    assert tracked.visible(7).keys() == {ben}
    assert tracked.face_of(ben, 7).size == 60


def test_the_rule_votes_in_the_next_frames_and_strangers_are_left_aside() -> None:
    people = {"ann": (100.0, 60.0), "stranger": (400.0, 90.0)}
    tracked = video(*[people] * 60)
    ann, stranger = (tracked.tracks[0][index] for index in (0, 1))
    assert ann is not None
    assert stranger is not None
    assert tracked.votes(0, set()) == [{BARE: stranger}] * (2 * REACH // 3)
    assert tracked.votes(0, {stranger})[0] == {BARE: ann}
    assert len(tracked.votes(55, set())) == 5, "the video ends"


def test_who_is_lost_next_to_another_of_the_same_size_may_have_crossed() -> None:
    def until(end: int, x: float) -> list[dict[str, tuple[float, float]]]:
        both = {"ann": (100.0, 80.0), "ben": (x, 80.0)}
        return [both] * end + [{"ann": both["ann"]}] * 40

    for x, may in ((150.0, True), (500.0, False)):
        tracked = video(*until(10, x), roles=(LEFT, RIGHT))
        ben = tracked.tracks[0][1]
        assert ben is not None
        assert tracked.may_have_crossed(ben, 11) is may
