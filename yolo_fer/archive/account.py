"""What becomes of each source of an archive, and of all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field, fields
from typing import Any, Self

from yolo_fer.paths import escaped, unescaped
from yolo_fer.reason_counts import ReasonCounts


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row of the ledger.

    Args:
        source: the source as results call it.
        kind: `image`, `video` or `folder`.
        bytes: the size of the file.
        width: the width of the (first) picture as a viewer sees it, in pixels; 0 if there is none.
        height: its height, in the same way.
        frames: how many were predicted; 1 for an image.
        faces: how many rows it has in the table of faces.
        seconds: the time stamp of the last frame of a video; None if there is none.
        error: a `FileFault` if it could not be read, or not to its end; empty if it is done.
        detail: the same for a person.
    """

    source: str
    kind: str
    bytes: int
    width: int = 0
    height: int = 0
    frames: int = 0
    faces: int = 0
    seconds: float | None = None
    error: str = ""
    detail: str = ""

    @classmethod
    def of_cells(cls, cells: Mapping[str, str]) -> Self:
        """Return a row as it stands in a ledger, by column."""
        numbers = {n: int(cells[n]) for n in ("bytes", "width", "height", "frames", "faces")}
        texts = {name: unescaped(cells[name]) for name in ("source", "kind", "error", "detail")}
        seconds = float(cells["seconds"]) if cells["seconds"] else None
        return cls(**numbers, **texts, seconds=seconds)  # type: ignore[arg-type]

    def to_cells(self) -> Iterator[object]:
        """Return the cells of the row, in the order of `SOURCE_COLUMNS`."""
        return (escaped(cell) if isinstance(cell, str) else cell for cell in astuple(self))


SOURCE_COLUMNS = tuple(column.name for column in fields(SourceRow))


@dataclass(slots=True)
class Account:
    """What became of the sources: all of them are done, or failed for a reason.

    Attributes:
        sources: how many there are.
        done: how many were read to their end.
        images: how many of the sources are images that could be read.
        videos: how many are videos of which a frame could be read.
        frames: how many frames these videos have.
        faces: how many faces were found.
        failed: how many sources failed, by reason.
    """

    sources: int = 0
    done: int = 0
    images: int = 0
    videos: int = 0
    frames: int = 0
    faces: int = 0
    failed: ReasonCounts = field(default_factory=ReasonCounts)

    def add(self, row: SourceRow) -> None:
        """Count a source."""
        self.sources += 1
        self.faces += row.faces
        if row.kind == "image":
            self.images += row.frames
        else:
            self.videos += row.frames > 0
            self.frames += row.frames
        if row.error:
            self.failed.note(row.error, row.detail)
        else:
            self.done += 1

    @property
    def usable(self) -> int:
        """How many images and frames could be read."""
        return self.images + self.frames

    def to_json(self) -> dict[str, Any]:
        """Return the counts as they stand in the run's file."""
        names = ("sources", "done", "images", "videos", "frames", "faces")
        counts: dict[str, Any] = {name: getattr(self, name) for name in names}
        return {**counts, "failed": dict(sorted(self.failed.items()))}
