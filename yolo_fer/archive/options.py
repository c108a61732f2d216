"""How an archive is predicted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from yolo_fer.errors import UnusedArgumentError, UsageError
from yolo_fer.outputs.face_table import TableFormat
from yolo_fer.predict.stream import Following
from yolo_fer.systems import Record, SystemOptions


@dataclass(frozen=True, slots=True)
class ArchiveOptions:
    """What decides what is written of an archive; small enough to travel to a worker.

    Args:
        system: finds and names the faces. Each worker runs one, with one thread unless it says
            another number.
        following: whether faces are followed through videos, and their scores steadied.
        summary: write a row for each followed face.
        timeline: draw a picture of each video's followed faces over time.
        blur: hide the faces in these pictures.
        table_format: what the table of faces is written as.

    Raises:
        UsageError: if the options do not go together.
        MissingExtraError: if a package is missing.
    """

    system: SystemOptions = field(default_factory=SystemOptions)
    following: Following = field(default_factory=Following)
    summary: bool = False
    timeline: bool = False
    blur: bool = False
    table_format: TableFormat = TableFormat.PARQUET

    def __post_init__(self) -> None:
        if (self.summary or self.timeline) and not self.following.follows:
            raise UsageError("`summary` and `timeline` are of followed faces; add `track`")
        if self.blur and not self.timeline:
            raise UnusedArgumentError(
                "`blur` hides the faces in pictures; of an archive, add `timeline`", "blur"
            )
        self.table_format.require()

    def to_json(self, record: Record) -> dict[str, Any]:
        """Return what decides the results; devices, threads and worker counts do not.

        Args:
            record: the record of the loaded system.
        """
        return {
            "format": self.table_format.value,
            "track": self.following.follows,
            "smooth": self.following.smooth,
            "summary": self.summary,
            "timeline": self.timeline,
            "blur": self.blur,
            **record.options,
        }
