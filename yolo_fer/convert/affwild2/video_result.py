"""The result of converting one video: small enough to travel, and to be kept on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from yolo_fer.dataset.fingerprint import Fingerprint
from yolo_fer.dataset.ledger import DroppedRow
from yolo_fer.dataset.samples import Box, Face, Sample
from yolo_fer.emotions import Emotion


@dataclass(frozen=True, slots=True)
class VideoOrigin:
    """What all images of a video have in common.

    Args:
        source: the name of the dataset.
        folder: the folder of its images below `images/{split}/`.
        file: the file of the video, as a POSIX path from the dataset's root; empty if there is
            none.
        sha256: the SHA-256 hash of the video, empty if it was not read.
        group: the name of its group; a group is never shared between splits.
        split: the split: `train`, `val` or `test`.
    """

    source: str
    folder: str
    file: str
    sha256: str
    group: str
    split: str

    def sample(
        self, frame: int, size: tuple[int, int], faces: Sequence[Face], flags: Sequence[str]
    ) -> Sample:
        """Return the sample of one frame, counted from 1; the size is (width, height)."""
        return Sample(
            name=f"{self.folder}/{frame:05d}",
            source=self.source,
            source_file=self.file,
            source_sha256=self.sha256,
            frame=frame,
            width=size[0],
            height=size[1],
            faces=tuple(faces),
            group=self.group,
            split=self.split,
            flags=tuple(flags),
        )


@dataclass(frozen=True, slots=True)
class VideoResult:
    """What became of a video.

    Args:
        origin: the origin of all its images.
        images: the samples, each with the hashes of its written image, in the order of the frames.
        rows_in: the number of label lines of all its people.
        clipped: the number of labelled faces that were cut at the edge.
        dropped: the label lines from which no face was made.
        warnings: what a user should know about the video, a sentence each.
    """

    origin: VideoOrigin
    images: tuple[tuple[Sample, Fingerprint], ...]
    rows_in: int
    clipped: int
    dropped: tuple[DroppedRow, ...]
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the result as one line of a journal."""
        return {
            "origin": astuple(self.origin),
            "images": [[*_to_json(sample), *astuple(file)] for sample, file in self.images],
            "rows_in": self.rows_in,
            "clipped": self.clipped,
            "dropped": [astuple(row) for row in self.dropped],
            "warnings": list(self.warnings),
        }

    @classmethod
    def from_json(cls, line: dict[str, Any]) -> VideoResult:
        """Read the line of a journal back."""
        origin = VideoOrigin(*line["origin"])
        return cls(
            origin=origin,
            images=tuple(_from_json(origin, line["images"])),
            rows_in=line["rows_in"],
            clipped=line["clipped"],
            dropped=tuple(DroppedRow(*row) for row in line["dropped"]),
            warnings=tuple(line["warnings"]),
        )


def _to_json(sample: Sample) -> list[Any]:
    faces = [
        [*astuple(face.box), None if face.emotion is None else int(face.emotion)]
        for face in sample.faces
    ]
    return [sample.frame, sample.width, sample.height, list(sample.flags), faces]


def _from_json(origin: VideoOrigin, lines: list[Any]) -> Iterator[tuple[Sample, Fingerprint]]:
    for frame, width, height, flags, faces, *hashes in lines:
        read = [
            Face(Box(*box), None if emotion is None else Emotion(emotion))
            for *box, emotion in faces
        ]
        yield origin.sample(frame, (width, height), read, flags), Fingerprint(*hashes)
