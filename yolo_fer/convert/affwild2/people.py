"""Telling which face of a frame belongs to which label file of Aff-Wild2.

In each frame a rule names the labelled people: a bare file's person has the largest face, `_left`
and `_right` are the two largest by their centres, and next to a bare file a sided one is the other
of the two largest. By itself it would hand a label to a stranger who comes closer for a moment or
who stands there when the person is not found. So whom it names when a track begins keeps the label
for as long as the track lasts. Wherever rule and track cannot both be right, the frame is in doubt.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from numpy.typing import NDArray

from yolo_fer.convert.affwild2.people_doubt import (
    SWAPPED,
    Named,
    UnknownFace,
    without_strangers,
    without_swaps,
)
from yolo_fer.convert.affwild2.people_rule import FaceAt, roles_of
from yolo_fer.convert.affwild2.source import Side
from yolo_fer.convert.affwild2.tracked_faces import TrackedFaces
from yolo_fer.convert.affwild2.tracks import REACH
from yolo_fer.dataset.drop_reasons import DropReason

# A person is named, when a track begins, if this share of the frames that name anyone agree.
_MAJORITY = 0.7
# In one shot a person's face keeps its side within this many octaves when it is lost and found.
_SAME_SIZE = 1.0

_NO_FACE = UnknownFace(DropReason.NO_FACE, "no face was found")
_MISSED = UnknownFace(
    DropReason.NO_FACE, "the person was not found between other frames of the same track"
)
_GONE = UnknownFace(DropReason.NO_FACE, "the person is not there; another one of the same shot is")
_UNNAMED = UnknownFace(DropReason.DOUBT, "no face is clearly the one that the label file is about")
_MANY_FILES = UnknownFace(DropReason.DOUBT, "three label files for one video")


def name_people(
    frames: Sequence[tuple[int, NDArray[Any]]], sides: Iterable[Side], reach: int = REACH
) -> list[Named]:
    """Find the labelled people among the faces of a video.

    Args:
        frames: number and (N, 4) corner boxes of each frame, in order.
        sides: the sides of the video's label files.
        reach: the number of frames for which a face may be missing and still count as the same
            face; at least two frames of the stride.

    Returns:
        One entry per frame, with all the sides.
    """
    wanted = set(sides)
    video = TrackedFaces.of(frames, roles_of(wanted), reach)
    labels = _Labels(video)
    named = [labels.step(position) for position in range(len(frames))]
    named = without_strangers(without_swaps(named, video), video)
    return [
        {side: entry.get(side, _MANY_FILES) for side in sorted(wanted, key=list(Side).index)}
        for entry in named
    ]


class _Labels:
    """Who has the labels, while the frames of a video are gone through.

    Args:
        video: the faces and tracks of all its frames.
    """

    def __init__(self, video: TrackedFaces) -> None:
        self._video = video
        self._tracks: dict[Side, int] = {}  # of each role that has one
        self._lost: dict[Side, FaceAt] = {}  # of this shot's people, when they were last seen
        self._strangers: set[int] = set()  # tracks that were seen next to the people
        # tracks of a shot in which people may have crossed, None in any other shot
        self._confused: set[int] | None = None

    def step(self, position: int) -> Named:
        """Go on to the next frame, and name its people."""
        visible = self._video.visible(position)
        self._forget_ended(visible, position)
        self._choose(visible, position)
        return {role: self._face_of(role, visible, position) for role in self._video.roles}

    def _forget_ended(self, visible: dict[int, FaceAt], position: int) -> None:
        """Take the labels from tracks that have ended; without any of them a new shot begins."""
        video = self._video
        ended = {role: t for role, t in self._tracks.items() if video.seen[t][-1] < position}
        for role, track in ended.items():
            self._lost[role] = video.face_of(track, video.seen[track][-1])
            del self._tracks[role]
        if any(video.may_have_crossed(track, position) for track in ended.values()):
            self._tracks.clear()
            self._confused = (self._confused or set()) | set(visible)
        elif self._confused is not None and visible:
            same_shot = not self._confused or self._confused & set(visible)
            self._confused = self._confused | set(visible) if same_shot else None
        known = self._strangers | set(self._tracks.values())
        if not self._tracks and visible and not known & set(visible):
            self._lost.clear()
            self._strangers.clear()

    def _choose(self, visible: dict[int, FaceAt], position: int) -> None:
        """Give labels without a track to tracks that begin, as the rule names them."""
        roles = self._video.roles
        free = set(visible) - set(self._tracks.values()) - self._strangers
        free -= self._confused or set()
        if free and len(self._tracks) < len(roles):
            votes = self._video.votes(position, self._strangers)
            elect = _elect_each if Side.BARE in roles else _elect_pair
            for role, track in elect(votes, free, self._tracks).items():
                if track not in visible or self._is_plausible(role, visible[track]):
                    self._tracks[role] = track
        if len(self._tracks) == len(roles):
            self._strangers |= set(visible) - set(self._tracks.values())

    def _is_plausible(self, role: Side, face: FaceAt) -> bool:
        """Return whether a face may be that of a person who was lost while another one stayed."""
        before = self._lost.get(role)
        if before is None or not self._tracks:
            return True
        return abs(math.log2(face.size / before.size)) <= _SAME_SIZE

    def _face_of(self, role: Side, visible: dict[int, FaceAt], position: int) -> int | UnknownFace:
        """Return the index of the face that has a label in a frame, or why there is none."""
        track = self._tracks.get(role)
        count = len(self._video.faces[position])
        if not count:
            return _NO_FACE
        if track in visible:
            return visible[track].index
        if track is not None:
            return _MISSED if len(visible) == count else SWAPPED
        strangers_only = len(visible) == count and set(visible) <= self._strangers
        return _GONE if strangers_only else _UNNAMED


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
