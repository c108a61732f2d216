"""The faces of a whole video and their tracks: what the naming of its people looks things up in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from yolo_fer.convert.affwild2.people_rule import FaceAt, apart, by_rule, clearly_larger, faces_of
from yolo_fer.convert.affwild2.source import Side
from yolo_fer.convert.affwild2.tracks import follow

# The people are named, when a track begins, by the frames of this share of the reach.
_WINDOW = 2 / 3
# Two faces that were lost closer together than this, in their sizes, may have crossed.
_TOUCHING = 1.0


@dataclass(frozen=True, slots=True)
class TrackedFaces:
    """The faces of a video; a position counts its frames from 0, whatever their numbers.

    Args:
        roles: the people that the rule can name.
        reach: the number of frames for which a face may be missing and still count as the same
            face.
        numbers: the number of each frame.
        faces: the faces of each frame.
        tracks: the track of each of these faces, None where it is in doubt.
        seen: the positions of each track's frames.
    """

    roles: tuple[Side, ...]
    reach: int
    numbers: Sequence[int]
    faces: Sequence[Sequence[FaceAt]]
    tracks: Sequence[Sequence[int | None]]
    seen: dict[int, list[int]]

    @classmethod
    def of(
        cls, frames: Sequence[tuple[int, NDArray[Any]]], roles: tuple[Side, ...], reach: int
    ) -> TrackedFaces:
        """Follow the faces of a video.

        Args:
            frames: number and (N, 4) corner boxes of each frame, in order.
            roles: the people that the rule can name.
            reach: the number of frames for which a face may be missing and still count as the same
                face.
        """
        tracks = follow(frames, reach)
        seen: dict[int, list[int]] = defaultdict(list)
        for position, present in enumerate(tracks):
            for track in present:
                if track is not None:
                    seen[track].append(position)
        numbers = [number for number, _ in frames]
        return cls(roles, reach, numbers, [faces_of(boxes) for _, boxes in frames], tracks, seen)

    def visible(self, position: int) -> dict[int, FaceAt]:
        """Return the face of each track that is seen in a frame."""
        pairs = zip(self.tracks[position], self.faces[position], strict=True)
        return {track: face for track, face in pairs if track is not None}

    def face_of(self, track: int, position: int) -> FaceAt:
        """Return the face of a track in one of its frames."""
        return self.visible(position)[track]

    def may_have_crossed(self, track: int, position: int) -> bool:
        """Return whether a track ended next to another one, so that the wrong one may have gone on.

        Args:
            track: the number of a track that ended before the position.
            position: the first frame in which that is known.
        """
        end = self.seen[track][-1]
        face = self.face_of(track, end)
        near = range(max(0, end - self.reach), min(position + self.reach, len(self.numbers)))
        others = {t for p in near for t in self.tracks[p] if t is not None and t != track}
        return any(
            self._touch(face, other, end)
            for other in others
            # one that began later is more likely the same person after a quick move
            if self.seen[other][0] <= end
        )

    def _touch(self, face: FaceAt, track: int, position: int) -> bool:
        """Return whether a face may be confused with that of a track, where that is nearest."""
        other = self.face_of(track, min(self.seen[track], key=lambda p: abs(p - position)))
        told_apart = self.roles == (Side.BARE,) and clearly_larger(face, other)
        return apart(face, other) < _TOUCHING and not told_apart

    def votes(self, position: int, strangers: set[int]) -> list[dict[Side, int]]:
        """Return which tracks the rule names in the next frames, strangers left aside."""
        votes = []
        start = self.numbers[position]
        for p in range(position, len(self.numbers)):
            if p > position and self.numbers[p] - start >= _WINDOW * self.reach:
                break
            tracks = self.tracks[p]
            candidates = [f for f in self.faces[p] if tracks[f.index] not in strangers]
            named = by_rule(candidates, self.roles).items()
            votes.append({r: t for r, index in named if (t := tracks[index]) is not None})
        return votes
