"""Telling which face of a frame belongs to which label file of Aff-Wild2.

In each frame a rule names the labelled people: a bare file's person has the largest face, `_left`
and `_right` are the two largest by their centres, and beside a bare file a sided one is the other
of the two largest. By itself it would hand a label to a stranger who comes closer for a moment or
who stands there when the person is not found. So whom it names when a track begins keeps the label
for as long as the track lasts. Wherever rule and track cannot both be right, the frame is in doubt.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from yolo_fer.convert.affwild2.people_doubt import (
    SWAPPED,
    Named,
    UnknownFace,
    put_contradictions_in_doubt,
)
from yolo_fer.convert.affwild2.people_rule import (
    FaceAt,
    apart,
    by_rule,
    clearly_larger,
    faces_of,
    roles_of,
)
from yolo_fer.convert.affwild2.source import Side
from yolo_fer.convert.affwild2.tracks import REACH, follow
from yolo_fer.dataset.drop_reasons import DropReason

# Who is named when a track begins is told by the frames of this share of the reach, and by this
# share of those frames.
_WINDOW, _MAJORITY = 2 / 3, 0.7
# In one shot a person's face keeps its side within this many octaves when it is lost and found.
_SAME_SIZE = 1.0
# Two faces that were lost closer together than this, in their sizes, may have crossed.
_TOUCHING = 1.0


_NO_FACE = UnknownFace(DropReason.NO_FACE, "no face was found")
_MISSED = UnknownFace(
    DropReason.NO_FACE, "the person was not found between other frames of the same track"
)
_GONE = UnknownFace(DropReason.NO_FACE, "the person is not there; another one of the same shot is")
_UNNAMED = UnknownFace(DropReason.DOUBT, "no face is clearly the one that the label file speaks of")
_MANY_FILES = UnknownFace(DropReason.DOUBT, "three label files for one video")


def name_people(
    frames: Sequence[tuple[int, NDArray[Any]]], sides: Iterable[Side], reach: int = REACH
) -> list[Named]:
    """Find the labelled people among the faces of a video.

    Args:
        frames: number and (N, 4) corner boxes of each frame, in order.
        sides: the sides of the video's label files.
        reach: how many frames a face may be missing and still be the same; at least two frames of
            the stride.

    Returns:
        One entry per frame, with all the sides.
    """
    wanted = set(sides)
    roles = roles_of(wanted)
    shots = _Video(frames, roles, reach)
    named = shots.walk()
    put_contradictions_in_doubt(named, shots.faces, shots.numbers, roles, reach)
    return [
        {side: entry.get(side, _MANY_FILES) for side in sorted(wanted, key=list(Side).index)}
        for entry in named
    ]


@dataclass(slots=True)
class _State:
    """Who has the labels while the frames are gone through.

    Args:
        tracks: the track of each role that has one.
        lost: the face of each role that had one, when it was last seen in this shot.
        strangers: tracks that were seen beside the people.
        confused: tracks of a shot in which people may have crossed, None in any other shot.
    """

    tracks: dict[Side, int] = field(default_factory=dict)
    lost: dict[Side, FaceAt] = field(default_factory=dict)
    strangers: set[int] = field(default_factory=set)
    confused: set[int] | None = None


class _Video:
    """The faces and tracks of a whole video, and the way through them."""

    def __init__(
        self, frames: Sequence[tuple[int, NDArray[Any]]], roles: tuple[Side, ...], reach: int
    ) -> None:
        self.numbers = [number for number, _ in frames]
        self.roles = roles
        self.faces = [faces_of(boxes) for _, boxes in frames]
        self.tracks = follow(frames, reach)
        self.reach = reach
        self._seen: dict[int, list[int]] = defaultdict(list)  # track -> positions of its frames
        for position, tracks in enumerate(self.tracks):
            for track in tracks:
                if track is not None:
                    self._seen[track].append(position)

    def walk(self) -> list[Named]:
        """Go through the frames and name the people of each."""
        state = _State()
        named = []
        for position in range(len(self.numbers)):
            self._forget_ended(state, position)
            self._choose(state, position)
            named.append(self._name(state, position))
        return named

    def _visible(self, position: int) -> dict[int, FaceAt]:
        return {
            track: face
            for track, face in zip(self.tracks[position], self.faces[position], strict=True)
            if track is not None
        }

    def _face_of(self, track: int, position: int) -> FaceAt:
        return self._visible(position)[track]

    def _forget_ended(self, state: _State, position: int) -> None:
        """Take the labels from tracks that have ended; without any of them a new shot begins."""
        visible = self._visible(position)
        ended = {r: t for r, t in state.tracks.items() if self._seen[t][-1] < position}
        for role, track in ended.items():
            state.lost[role] = self._face_of(track, self._seen[track][-1])
            del state.tracks[role]
        if self._may_have_crossed(ended.values(), position):
            state.tracks.clear()
            state.confused = (state.confused or set()) | set(visible)
        elif state.confused is not None and visible:
            same_shot = not state.confused or state.confused & set(visible)
            state.confused = state.confused | set(visible) if same_shot else None
        known = state.strangers | set(state.tracks.values())
        if not state.tracks and visible and not known & set(visible):
            state.lost.clear()
            state.strangers.clear()

    def _may_have_crossed(self, ended: Iterable[int], position: int) -> bool:
        """Tell whether a track ended beside another one, so that the wrong one may have gone on."""
        for track in ended:
            end = self._seen[track][-1]
            face = self._face_of(track, end)
            near = range(max(0, end - self.reach), min(position + self.reach, len(self.numbers)))
            others = {t for p in near for t in self.tracks[p] if t is not None and t != track}
            for other in others:
                seen = self._seen[other]
                if seen[0] > end:
                    continue  # it began later: more likely the same person after a quick move
                other_face = self._face_of(other, min(seen, key=lambda p: abs(p - end)))
                if apart(face, other_face) < _TOUCHING and (
                    self.roles != (Side.BARE,) or not clearly_larger(face, other_face)
                ):
                    return True
        return False

    def _choose(self, state: _State, position: int) -> None:
        """Give the labels that nobody has to tracks that begin, as the rule names them."""
        visible = self._visible(position)
        free = set(visible) - set(state.tracks.values()) - state.strangers
        free -= state.confused or set()
        if free and len(state.tracks) < len(self.roles):
            votes = self._votes(state, position)
            elect = _elect_each if Side.BARE in self.roles else _elect_pair
            for role, track in elect(votes, free, state.tracks).items():
                face = visible.get(track)
                if face is None or self._is_plausible(role, face, state):
                    state.tracks[role] = track
        if len(state.tracks) == len(self.roles):
            state.strangers |= set(visible) - set(state.tracks.values())

    def _votes(self, state: _State, position: int) -> list[dict[Side, int]]:
        """Return which tracks the rule names in the next frames, strangers left aside."""
        votes = []
        start = self.numbers[position]
        for p in range(position, len(self.numbers)):
            if p > position and self.numbers[p] - start >= _WINDOW * self.reach:
                break
            tracks = self.tracks[p]
            candidates = [f for f in self.faces[p] if tracks[f.index] not in state.strangers]
            named = by_rule(candidates, self.roles).items()
            votes.append({r: t for r, index in named if (t := tracks[index]) is not None})
        return votes

    def _is_plausible(self, role: Side, face: FaceAt, state: _State) -> bool:
        """Tell whether a face may be that of a person who was lost while another one stayed."""
        before = state.lost.get(role)
        if before is None or not state.tracks:
            return True
        return abs(math.log2(face.size / before.size)) <= _SAME_SIZE

    def _name(self, state: _State, position: int) -> Named:
        visible = self._visible(position)
        faces = self.faces[position]
        named: Named = {}
        for role in self.roles:
            track = state.tracks.get(role)
            if not faces:
                named[role] = _NO_FACE
            elif track in visible:
                named[role] = visible[track].index
            elif track is None:
                all_strangers = visible and len(visible) == len(faces)
                strangers_only = all_strangers and set(visible) <= state.strangers
                named[role] = _GONE if strangers_only else _UNNAMED
            else:
                named[role] = _MISSED if len(visible) == len(faces) else SWAPPED
        return named


def _elect_each(
    votes: Sequence[dict[Side, int]], free: set[int], elected: dict[Side, int]
) -> dict[Side, int]:
    """Return the free track that most frames name for each role that has none."""
    result: dict[Side, int] = {}
    for role in (Side.BARE, Side.LEFT, Side.RIGHT):
        theirs = Counter(vote[role] for vote in votes if vote.get(role) in free)
        if theirs and role not in elected:
            track, most = theirs.most_common(1)[0]
            if most >= _MAJORITY * theirs.total() and track not in result.values():
                result[role] = track
    return result


def _elect_pair(
    votes: Sequence[dict[Side, int]], free: set[int], elected: dict[Side, int]
) -> dict[Side, int]:
    """Return left and right of the pair that most frames name, as the first of them has it.

    If people cross within the window, later frames name the same pair the other way round.
    """
    pairs = [
        vote
        for vote in votes
        if len(vote) == 2
        and free & set(vote.values())
        and set(elected.values()) <= set(vote.values())
    ]
    counts = Counter(frozenset(vote.values()) for vote in pairs)
    if not counts:
        return {}
    pair, most = counts.most_common(1)[0]
    first = next(vote for vote in pairs if set(vote.values()) == pair)
    agrees = all(first[role] == track for role, track in elected.items())
    return first if agrees and most >= _MAJORITY * counts.total() else {}
