"""Where the rule and the tracks of people cannot both be right: such frames are in doubt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from yolo_fer.convert.affwild2.people_rule import FaceAt, by_rule, stand_side_by_side
from yolo_fer.convert.affwild2.source import Side
from yolo_fer.convert.affwild2.tracked_faces import TrackedFaces
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


def without_strangers(named: Sequence[Named], video: TrackedFaces) -> list[Named]:
    """Put in doubt who is named where the rule names another face for too long.

    For longer than a face may be missing the rule does not name another person by mistake.

    Args:
        named: the face of each person in each frame, or why it is not known.
        video: the faces and tracks of the video.
    """
    rules = [by_rule(faces, video.roles) for faces in video.faces]
    doubtful = {
        (position, role)
        for role in video.roles
        for run in _contradictions(named, rules, role)
        if video.numbers[run[-1]] - video.numbers[run[0]] >= video.reach
        for position in run
    }
    return [
        {role: _OTHER if (position, role) in doubtful else face for role, face in entry.items()}
        for position, entry in enumerate(named)
    ]


def _contradictions(
    named: Sequence[Named], rules: Sequence[dict[Side, int]], role: Side
) -> Iterator[list[int]]:
    """Yield the runs of frames in which the rule names another face than the one named.

    A frame in which one of the two names no face neither belongs to a run nor ends it.
    """
    run: list[int] = []
    for position, (entry, rule) in enumerate(zip(named, rules, strict=True)):
        ours, theirs = entry[role], rule.get(role)
        if theirs is None or isinstance(ours, UnknownFace):
            continue
        if ours != theirs:
            run.append(position)
        elif run:
            yield run
            run = []
    if run:
        yield run


def without_swaps(named: Sequence[Named], video: TrackedFaces) -> list[Named]:
    """Put in doubt who is left and right from the last frame in which they stood so to the next.

    Args:
        named: the face of each person in each frame, or why it is not known.
        video: the faces and tracks of the video.
    """
    if Side.BARE in video.roles:
        return list(named)
    doubtful = set(_swapped(_sides_hold(video.faces[p], entry) for p, entry in enumerate(named)))
    return [
        {
            role: SWAPPED if position in doubtful and not isinstance(face, UnknownFace) else face
            for role, face in entry.items()
        }
        for position, entry in enumerate(named)
    ]


def _swapped(sides_hold: Iterable[bool | None]) -> Iterator[int]:
    """Yield the positions that say that the sides do not hold, and the silent ones around them."""
    silent: list[int] = []
    after_swap = False
    for position, holds in enumerate(sides_hold):
        if holds is None:
            silent.append(position)
            continue
        if after_swap or not holds:
            yield from silent
        if not holds:
            yield position
        after_swap = not holds
        silent = []
    if after_swap:
        yield from silent


def _sides_hold(faces: Sequence[FaceAt], entry: Named) -> bool | None:
    """Return whether left is left of right; None where they are not both there, or not apart."""
    left, right = entry[Side.LEFT], entry[Side.RIGHT]
    if isinstance(left, UnknownFace) or isinstance(right, UnknownFace):
        return None
    if not stand_side_by_side(faces[left], faces[right]):
        return None
    return faces[left].x < faces[right].x
