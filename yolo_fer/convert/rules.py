"""The options that decide which faces come out of a conversion."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yolo_fer.boxes import Boxes
    from yolo_fer.dataset.samples import Box

# NumPy is imported where boxes are computed: the help of the command line only needs the choices.


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
        from yolo_fer.boxes import expw_to_retinaface

        return boxes if self is BoxConvention.EXPW else expw_to_retinaface(boxes)

    def from_retinaface(self, boxes: Boxes) -> Boxes:
        """Return (N, 4) corner boxes of RetinaFace in this convention."""
        from yolo_fer.boxes import retinaface_to_expw

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

    def box(self, listed: Box, found: Box | None = None) -> Box:
        """Return the box of a face in the convention of the set.

        Args:
            listed: the box in ExpW's convention.
            found: RetinaFace's own, if it is known: how wide it is no square tells.
        """
        if self.convention is BoxConvention.RETINAFACE and found is not None:
            return found
        from yolo_fer.dataset.samples import Box, box_array

        return Box(*self.convention.from_expw(box_array([listed]))[0].tolist())
