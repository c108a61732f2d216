"""The options that decide which faces come out of a conversion."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from yolo_fer.boxes import Boxes, expw_to_retinaface, retinaface_to_expw
from yolo_fer.dataset.samples import Box, box_array


class Unlabelled(StrEnum):
    """What happens to unlabelled faces."""

    MASK = "mask"
    IGNORE = "ignore"
    KEEP = "keep"
    DROP = "drop"


class BoxConvention(StrEnum):
    """The data set, or the face finder, whose way to box a face a converted set follows."""

    EXPW = "expw"
    RETINAFACE = "retinaface"

    def from_expw(self, boxes: Boxes) -> Boxes:
        """Return (N, 4) corner boxes of ExpW in this convention."""
        return boxes if self is BoxConvention.EXPW else expw_to_retinaface(boxes)

    def from_retinaface(self, boxes: Boxes) -> Boxes:
        """Return (N, 4) corner boxes of RetinaFace in this convention."""
        return retinaface_to_expw(boxes) if self is BoxConvention.EXPW else boxes


@dataclass(frozen=True, slots=True)
class Rules:
    """How rows and found faces become the faces of a set.

    Args:
        unlabelled: what is done with unlabelled faces.
        convention: the box convention of the set.
    """

    unlabelled: Unlabelled
    convention: BoxConvention

    def box(self, listed: Box) -> Box:
        """Return a box of ExpW in the convention of the set."""
        return Box(*self.convention.from_expw(box_array([listed]))[0].tolist())
