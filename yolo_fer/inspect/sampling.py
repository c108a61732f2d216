"""One pass over a converted set: what is drawn of it by lot, and the figures of all its faces."""

from __future__ import annotations

import hashlib
import heapq
from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from yolo_fer.dataset.coco import CocoImage
from yolo_fer.dataset.converted_set import ConvertedSet, ManifestRow
from yolo_fer.dataset.samples import Face
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError
from yolo_fer.paths import encoded


@dataclass(frozen=True, slots=True)
class Specimen:
    """A face that is shown, with all other faces of its image.

    Args:
        path: of the image.
        name: POSIX path from the set's folder.
        masked: whether the image's ignored faces were painted over.
        face: which one of the faces is meant.
        faces: of the image.
    """

    path: Path
    name: str
    masked: bool
    face: int
    faces: tuple[Face, ...]


@dataclass(slots=True)
class Figures:
    """Position and size of every labelled face; fractions of the image but for the side.

    Args:
        counts: faces of each split and emotion.
        ignored: faces of each split that nobody labelled.
        images: of each split.
        x: centres.
        y: centres.
        side: square roots of the areas in pixels.
        aspect: widths over heights.
    """

    counts: Counter[tuple[str, Emotion]] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    images: Counter[str] = field(default_factory=Counter)
    x: array[float] = field(default_factory=lambda: array("f"))
    y: array[float] = field(default_factory=lambda: array("f"))
    side: array[float] = field(default_factory=lambda: array("f"))
    aspect: array[float] = field(default_factory=lambda: array("f"))

    def add(self, split: str, image: CocoImage, faces: Iterable[Face]) -> None:
        """Count the faces of an image."""
        self.images[split] += 1
        for face in faces:
            if face.emotion is None:
                self.ignored[split] += 1
                continue
            self.counts[split, face.emotion] += 1
            box = face.box
            width, height = box.x2 - box.x1, box.y2 - box.y1
            self.x.append((box.x1 + box.x2) / 2 / image.width)
            self.y.append((box.y1 + box.y2) / 2 / image.height)
            self.side.append((width * height) ** 0.5)
            self.aspect.append(width / height)


@dataclass(slots=True)
class Lots:
    """The specimens with the lowest lots so far: a random choice without knowing how many come."""

    count: int
    seed: int
    _kept: list[tuple[int, int, Specimen]] = field(default_factory=list)
    _offered: int = 0

    def offer(self, specimen: Specimen) -> None:
        """Let a specimen take part; its lot depends on its name and the seed alone."""
        text = f"{self.seed}:{specimen.name}:{specimen.face}"
        lot = int.from_bytes(hashlib.sha256(encoded(text)).digest()[:8])
        self._offered += 1
        entry = (-lot, self._offered, specimen)  # the number: specimens cannot be compared
        if len(self._kept) < self.count:
            heapq.heappush(self._kept, entry)
        else:
            heapq.heappushpop(self._kept, entry)

    def drawn(self) -> list[Specimen]:
        """Return the specimens, the lowest lot first."""
        return [specimen for _, _, specimen in sorted(self._kept, reverse=True)]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is shown of a set: specimens of each split and emotion (None: ignored), and figures."""

    lots: dict[tuple[str, Emotion | None], Lots]
    figures: Figures


def draw_lots(converted: ConvertedSet, splits: Iterable[str], count: int, seed: int) -> Drawn:
    """Go through a set once.

    Args:
        converted: the set.
        splits: those that are shown.
        count: of the specimens of each split and emotion.
        seed: of the choice.

    Raises:
        YoloFerError: if an annotation cannot be used.
    """
    kinds: tuple[Emotion | None, ...] = (*Emotion, None)
    lots = {(split, kind): Lots(count, seed) for split in splits for kind in kinds}
    figures = Figures()
    for row, image in converted.images():
        if (row.split, None) not in lots:
            continue
        try:
            faces = image.faces()
        except ValueError as error:
            raise YoloFerError(
                f"{row.file}: {error}. See `yolo-fer check {converted.root}`"
            ) from error
        figures.add(row.split, image, faces)
        _offer(lots, converted, row, faces)
    return Drawn(lots, figures)


def _offer(
    lots: dict[tuple[str, Emotion | None], Lots],
    converted: ConvertedSet,
    row: ManifestRow,
    faces: tuple[Face, ...],
) -> None:
    path = converted.root / row.file
    for index, face in enumerate(faces):
        lots[row.split, face.emotion].offer(Specimen(path, row.file, row.masked, index, faces))
