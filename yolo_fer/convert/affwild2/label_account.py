"""The account of one video's label lines: which are used, and why the others are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from yolo_fer.convert.affwild2.source import Side, Skipped
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.ledger import DroppedRow
from yolo_fer.emotions import Emotion

# They scatter over a whole video; one entry for all of them says as much as thousands.
_SCATTERED = frozenset({DropReason.STRIDE, DropReason.BALANCE, DropReason.OVER_CAP})


@dataclass(slots=True)
class PersonLabels:
    """The label lines of one person in a video; each is an emotion until it is skipped.

    Args:
        file: the label file, as a POSIX path from the dataset's root.
        side: the person that the labels are of.
        lines: the labels; index i is frame i + 1.
    """

    file: str
    side: Side
    lines: list[Emotion | Skipped]

    @property
    def is_read(self) -> bool:
        """Whether the label file could be read; if not, its only line says so."""
        unread = DropReason.UNREADABLE_LABEL_FILE
        return not any(isinstance(line, Skipped) and line.reason == unread for line in self.lines)

    def emotion(self, frame: int) -> Emotion | None:
        """Return the emotion of a frame, counted from 1; None if there is none to use."""
        if frame > len(self.lines):
            return None
        label = self.lines[frame - 1]
        return label if isinstance(label, Emotion) else None

    def skip(self, frame: int, reason: str, detail: str = "") -> None:
        """Account for a frame, counted from 1, that is not used; the first reason counts."""
        if self.emotion(frame) is not None:
            self.lines[frame - 1] = Skipped(reason, detail)

    def skip_all(self, reason: str, detail: str = "") -> None:
        """Account for all frames that would still be used."""
        for frame in self.frames():
            self.skip(frame, reason, detail)

    def frames(self) -> list[int]:
        """Return the frames that are still used, counted from 1."""
        return [i for i, label in enumerate(self.lines, start=1) if isinstance(label, Emotion)]

    def dropped(self) -> Iterator[DroppedRow]:
        """Yield the lines that are not used, those in a row with the same reason as one."""
        scattered: dict[str, list[int]] = {}
        for label, numbered in groupby(enumerate(self.lines, start=1), key=lambda item: item[1]):
            if isinstance(label, Emotion):
                continue
            numbers = [number for number, _ in numbered]
            if label.reason in _SCATTERED:
                scattered.setdefault(label.reason, []).extend(numbers)
            else:
                yield self._entry(numbers, label.reason, label.detail)
        for reason, numbers in scattered.items():
            yield self._entry(numbers, reason, f"{len(numbers)} of these lines")

    def _entry(self, numbers: Sequence[int], reason: str, detail: str) -> DroppedRow:
        last = numbers[-1] if len(numbers) > 1 else None
        return DroppedRow(numbers[0], self.file, reason, detail, len(numbers), last)
