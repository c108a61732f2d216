"""What a source yields and a conversion writes: an image with its faces. Validated once, here."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yolo_fer.emotions import Emotion


@dataclass(frozen=True, slots=True)
class Box:
    """A non-empty box with finite corners, in pixels of the image as a viewer sees it.

    Raises:
        ValueError: if a corner is not finite or the box is empty or inverted.
    """

    x1: float
    y1: float
    x2: float
    y2: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(v) for v in (self.x1, self.y1, self.x2, self.y2)):
            raise ValueError(f"box {self} has a corner that is not a finite number")
        if self.x2 <= self.x1 or self.y2 <= self.y1:
            raise ValueError(f"box {self} is empty or inverted")


@dataclass(frozen=True, slots=True)
class Face:
    """A box with at most one emotion; None is an unlabelled face, to be ignored."""

    box: Box
    emotion: Emotion | None


@dataclass(frozen=True, slots=True)
class Sample:
    """One image, or one frame of a video, with its faces.

    Args:
        name: POSIX path of the copy below `images/{split}/`, without extension; unique in a set,
            letter case aside.
        source: the dataset, for example `expw`.
        source_file: POSIX path of the original, from the dataset's root.
        source_sha256: the SHA-256 hash of the original's bytes.
        frame: 1-based label line of a video's frame, None for an image.
        width: the width of the image as a viewer sees it, in pixels.
        height: the height, in the unit of the width.
        faces: the labelled and the ignored faces.
        group: the name of its group; a group is never shared between splits.
        split: the split: `train`, `val` or `test`.
        flags: the changes that were made to the image, for the manifest.
    """

    name: str
    source: str
    source_file: str
    source_sha256: str
    frame: int | None
    width: int
    height: int
    faces: tuple[Face, ...]
    group: str
    split: str
    flags: tuple[str, ...] = ()

    @property
    def labelled(self) -> tuple[Face, ...]:
        """The faces that have an emotion."""
        return tuple(face for face in self.faces if face.emotion is not None)

    @property
    def ignored(self) -> tuple[Face, ...]:
        """The unlabelled faces."""
        return tuple(face for face in self.faces if face.emotion is None)


def box_array(items: Iterable[Box | Face]) -> NDArray[np.float64]:
    """Return the (N, 4) corner array of boxes or faces, (0, 4) for none."""
    boxes = (item.box if isinstance(item, Face) else item for item in items)
    return np.array([(b.x1, b.y1, b.x2, b.y2) for b in boxes], dtype=np.float64).reshape(-1, 4)
