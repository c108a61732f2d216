"""Where the rule and the tracks of people cannot both be right: such frames are in doubt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from yolo_fer.convert.affwild2.people_rule import FaceAt, by_rule, stand_side_by_side
from yolo_fer.convert.affwild2.source import Side
from yolo_fer.dataset.drop_reasons import DropReason


@dataclass(frozen=True, slots=True)
class UnknownFace:
    """Why a person's face is not known in a frame: a ledger key, and the details."""

    reason: str
    detail: str


Named: TypeAlias = dict[Side, "int | UnknownFace"]
"""For each person the index of the face in its frame, or why there is none."""

SWAPPED = UnknownFace(DropReason.DOUBT, "the two people changed sides, or they were confused")
"""Stands for both people where they may have been taken for each other."""
_OTHER = UnknownFace(
    DropReason.DOUBT, "for a long time another face is the one that the rule names"
)


def put_contradictions_in_doubt(
    named: list[Named],
    faces: Sequence[Sequence[FaceAt]],
    numbers: Sequence[int],
    roles: tuple[Side, ...],
    reach: int,
) -> None:
    """Put those frames in doubt in which the rule names the other person, or long a stranger.

    Args:
        named: who is named in each frame; it is changed.
        faces: the faces of each frame.
        numbers: the numbers of the frames.
        roles: the people that the rule can name.
        reach: how many frames a face may be missing and still be the same.
    """
    if Side.BARE not in roles:
        _drop_swaps(named, faces)
    runs: dict[Side, list[int]] = {role: [] for role in roles}

    def end(role: Side) -> None:
        # for longer than a face may be missing the rule does not name somebody else by mistake
        run = runs[role]
        if run and numbers[run[-1]] - numbers[run[0]] >= reach:
            for position in run:
                named[position][role] = _OTHER
        run.clear()

    for position, entry in enumerate(named):
        rule = by_rule(faces[position], roles)
        for role in roles:
            ours, theirs = entry[role], rule.get(role)
            if theirs is None or isinstance(ours, UnknownFace):
                continue
            if ours == theirs:
                end(role)
            else:
                runs[role].append(position)
    for role in roles:
        end(role)


def _drop_swaps(named: list[Named], faces: Sequence[Sequence[FaceAt]]) -> None:
    """Put the frames in doubt from the last in which the two stood as named to the next such."""
    silent: list[int] = []
    after_swap = False
    for position, entry in enumerate(named):
        sides_hold = _sides_hold(faces[position], entry)
        if sides_hold is None:
            silent.append(position)
            continue
        if after_swap or not sides_hold:
            _put_in_doubt(named, silent)
        if not sides_hold:
            _put_in_doubt(named, [position])
        after_swap = not sides_hold
        silent.clear()
    if after_swap:
        _put_in_doubt(named, silent)


def _sides_hold(faces: Sequence[FaceAt], entry: Named) -> bool | None:
    """Tell whether left is left of right; None where they are not both there, or not apart."""
    left, right = entry[Side.LEFT], entry[Side.RIGHT]
    if isinstance(left, UnknownFace) or isinstance(right, UnknownFace):
        return None
    if not stand_side_by_side(faces[left], faces[right]):
        return None
    return faces[left].x < faces[right].x


def _put_in_doubt(named: list[Named], positions: Iterable[int]) -> None:
    for position in positions:
        for role, face in named[position].items():
            if not isinstance(face, UnknownFace):
                named[position][role] = SWAPPED
