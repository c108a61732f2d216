"""The account of a conversion: rows in = faces out + dropped, by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from yolo_fer.dataset.samples import Sample
from yolo_fer.emotions import EMOTION_NAMES, Emotion

SPLITS = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class DroppedRow:
    """A label row that became no face: where it stands, why it was dropped, and the details.

    A video has so many rows that those of a file and reason which follow each other are one entry.

    Args:
        line: the number of the line in the label file; the first one.
        image: the image's name in the row, or the label file of a video.
        reason: a `DropReason`, or the reason of an image or a video that cannot be read.
        detail: the details, for a person.
        rows: the number of rows that the entry stands for.
        last: the line of the last one; None where there is one only.
    """

    line: int
    image: str
    reason: str
    detail: str
    rows: int = 1
    last: int | None = None

    @property
    def lines(self) -> str:
        """The line, or the first and the last."""
        return str(self.line) if self.last is None else f"{self.line}-{self.last}"


@dataclass(slots=True)
class Ledger:
    """Counts every row exactly once."""

    rows_in: int = 0
    faces_out: int = 0
    images_out: int = 0
    clipped: int = 0
    dropped: list[DroppedRow] = field(default_factory=list)
    per_split: dict[str, Counter[Emotion]] = field(
        default_factory=lambda: {split: Counter() for split in SPLITS}
    )

    def drop(self, line: int, image: str, reason: str, detail: str = "") -> None:
        """Account for a row from which no face is made."""
        self.dropped.append(DroppedRow(line, image, reason, detail))

    def add_samples(self, samples: Iterable[Sample]) -> None:
        """Account for the images that are written."""
        for sample in samples:
            self.images_out += 1
            for face in sample.labelled:
                assert face.emotion is not None  # noqa: S101  # what `labelled` means
                self.faces_out += 1
                self.per_split[sample.split][face.emotion] += 1

    def dropped_by_reason(self) -> dict[str, int]:
        """Return the number of dropped rows by reason, in alphabetical order."""
        count: Counter[str] = Counter()
        for row in self.dropped:
            count[str(row.reason)] += row.rows
        return dict(sorted(count.items()))

    def check(self) -> None:
        """Make sure that the books balance.

        Raises:
            AssertionError: if a row was lost or counted twice; that is a bug, not a user's mistake.
        """
        dropped = sum(row.rows for row in self.dropped)
        if self.rows_in != self.faces_out + dropped:
            raise AssertionError(
                f"the ledger does not balance: {self.rows_in} rows in, {self.faces_out} faces out, "
                f"{dropped} dropped"
            )

    def missing_classes(self) -> list[str]:
        """Return one warning for each split that lacks a class."""
        warnings = []
        for split, counts in self.per_split.items():
            missing = [e.label for e in Emotion if not counts[e]]
            if missing:
                warnings.append(f"the {split} split has no face of: {', '.join(missing)}")
        return warnings

    def per_split_json(self) -> dict[str, dict[str, int]]:
        """Return the faces of each split and emotion, zeros included."""
        return {
            split: {name: counts[Emotion(i)] for i, name in enumerate(EMOTION_NAMES)}
            for split, counts in self.per_split.items()
        }
