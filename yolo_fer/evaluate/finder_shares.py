"""The IoU table: which share of true faces a face finder finds, the closer it has to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

from yolo_fer import images
from yolo_fer.boxes import Boxes, match
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.errors import ImageError, YoloFerError
from yolo_fer.evaluate.wider_face import WiderImage
from yolo_fer.faces import FaceFinder
from yolo_fer.runtime.executor import Progress, no_progress

IOUS = (0.50, 0.75, 0.85)
"""The overlaps at which Hinson and Austin report their finders."""


@dataclass(frozen=True, slots=True)
class Share:
    """What a finder found on some images.

    Args:
        finder: its name.
        images: `one face` for the images that have exactly one, or `all`.
        image_count: how many they are.
        faces: true ones on them.
        boxes: how many boxes the finder gave.
        found: true faces that a box of its own overlaps by each of `IOUS` at least.
        milliseconds: the mean time that the finder took for an image, without reading it.
    """

    finder: str
    images: str
    image_count: int
    faces: int
    boxes: int
    found: tuple[int, ...]
    milliseconds: float

    def share(self, level: int) -> float:
        """Return the share of true faces found at `IOUS[level]`, 0 to 1; NaN without faces."""
        return self.found[level] / self.faces if self.faces else float("nan")

    def to_json(self) -> dict[str, Any]:
        """Return the row as it stands in the JSON file; a share that is not defined is null."""
        shares = [self.share(level) if self.faces else None for level in range(len(IOUS))]
        row = asdict(self) | {"found": dict(zip(map(str, IOUS), self.found, strict=True))}
        return row | {"share": dict(zip(map(str, IOUS), shares, strict=True))}


@dataclass(frozen=True, slots=True)
class FinderShares:
    """The table of several finders on the same images.

    Args:
        shares: two rows a finder.
        skipped: images that could not be used, and boxes without area, by reason.
        faces_left_out: true faces on those images.
        weights_sha256: the SHA-256 hash of each finder.
    """

    shares: tuple[Share, ...]
    skipped: dict[str, int]
    faces_left_out: int
    weights_sha256: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """Return the table as it stands in the JSON file."""
        return {
            "rows": [share.to_json() for share in self.shares],
            "skipped": self.skipped,
            "faces_left_out": self.faces_left_out,
            "weights_sha256": self.weights_sha256,
        }


@dataclass(slots=True)
class _FinderCounts:
    images: int = 0
    faces: int = 0
    boxes: int = 0
    seconds: float = 0.0
    found: list[int] = field(default_factory=lambda: [0] * len(IOUS))

    def add(self, faces: Boxes, boxes: Boxes, seconds: float) -> None:
        self.images += 1
        self.faces += len(faces)
        self.boxes += len(boxes)
        self.seconds += seconds
        for level, count in enumerate(count_found(faces, boxes)):
            self.found[level] += count

    def share(self, finder: str, images: str) -> Share:
        mean = 1000 * self.seconds / max(1, self.images)
        counts = self.images, self.faces, self.boxes, tuple(self.found)
        return Share(finder, images, *counts, mean)


def count_found(faces: Boxes, boxes: Boxes) -> list[int]:
    """Count the faces that boxes find at each of `IOUS`; a box finds one face at most.

    Args:
        faces: (N, 4) true corner boxes.
        boxes: (M, 4) boxes of a finder, every one of which counts, whatever its score.
    """
    return [len(match(faces, boxes, least)) for least in IOUS]


def measure_found(
    finders: Sequence[FaceFinder],
    labelled: Sequence[WiderImage],
    progress: Progress[WiderImage] = no_progress,
) -> FinderShares:
    """Show the same images to several finders.

    An image that cannot be used is left out and counted.

    Args:
        finders: the face finders; no two have the same name.
        labelled: images with their true faces.
        progress: wraps the images.

    Raises:
        YoloFerError: if no image can be read.
    """
    counts = {(finder.name, one): _FinderCounts() for finder in finders for one in (True, False)}
    skipped: Counter[str] = Counter()
    faces_left_out = 0
    for item in progress(labelled, "images", len(labelled)):
        skipped[DropReason.EMPTY_BOX] += item.empty
        try:
            image = images.read(item.path)
        except ImageError as error:
            skipped[error.reason] += 1
            faces_left_out += len(item.boxes)
            continue
        for finder in finders:
            start = perf_counter()
            (found,) = finder.find([image])
            seconds = perf_counter() - start
            boxes = np.asarray(found.boxes)
            counts[finder.name, False].add(item.boxes, boxes, seconds)
            if len(item.boxes) == 1:
                counts[finder.name, True].add(item.boxes, boxes, seconds)
    if not any(count.images for count in counts.values()):
        reasons = ", ".join(f"{n} {reason}" for reason, n in skipped.items() if n)
        raise YoloFerError(f"none of the images could be used ({reasons})")
    return FinderShares(
        tuple(t.share(name, "one face" if one else "all") for (name, one), t in counts.items()),
        {reason: count for reason, count in skipped.items() if count},
        faces_left_out,
        {finder.name: finder.weights_sha256 for finder in finders},
    )
