"""Faces that fill their image: what is known of each, and which of them go into scenes.

A crop that fills its image teaches no detector where faces are; `scenes.py` makes pictures of them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from yolo_fer import images
from yolo_fer.convert.grouping import Candidate, SplitAssignment
from yolo_fer.convert.votes import disagreement, pool, settle
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.dataset.samples import Box
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError
from yolo_fer.images import Image

# Of 48 bits and less that differ, aligned faces of one background may be two persons: in CK+ nine
# pairs at 48 and none at 44, where 97 % of the frames of one clip are found.
NEAR_ALIGNED = 44


@dataclass(frozen=True, slots=True)
class CropKind:
    """Where ExpW's square box of the face lies in crops that were all cut in one way.

    Args:
        x: the position of the box's centre, in widths of the crop.
        y: the vertical position, in heights of the crop.
        side: the side of the box, in widths of the crop.
    """

    x: float
    y: float
    side: float

    def box(self, width: int, height: int) -> Box:
        """Return the box in pixels of a crop; it may pass the crop's edge."""
        x, y, half = self.x * width, self.y * height, self.side * width / 2
        return Box(x - half, y - half, x + half, y + half)


# Medians of RetinaFace's boxes, brought to ExpW's convention, on 395 faces of FER2013 and 491 of
# CK+: the fixed box overlaps the found one with a mean IoU of 0.79 and 0.92; ExpW's own boxes do so
# with 0.80.
TIGHT = CropKind(0.51, 0.46, 1.03)
# The same on 453 faces of ExpW, aligned by RetinaFace's landmarks to the five points of ArcFace's
# 112x112 template: a mean IoU of 0.78.
ALIGNED = CropKind(0.517, 0.536, 0.966)


@dataclass(frozen=True, slots=True)
class Crop:
    """A labelled face that fills its image.

    Args:
        line: the number of the line in the label file, or the number of the image file.
        source_file: the file that it comes from, as the manifest names it.
        candidate: its hashes, its person and its given split, which decide its split.
        box: the box of the face in ExpW's convention, in pixels of the crop; it may pass the crop's
            edge.
        width: the width of the crop in pixels.
        height: the height, in the unit of the width.
        emotion: the emotion of the face.
        load: a function that returns its pixels; picklable, so that a worker can call it.
        votes: the votes on its label, a ballot as in `votes.py`; empty if there are none.
    """

    line: int
    source_file: str
    candidate: Candidate
    box: Box
    width: int
    height: int
    emotion: Emotion
    load: Callable[[], Image]
    votes: str = ""


@dataclass(frozen=True, slots=True)
class AssignedCrop:
    """A crop, and where it belongs."""

    crop: Crop
    assigned: SplitAssignment


def select_crops(
    crops: Sequence[Crop], assigned: Sequence[SplitAssignment], ledger: Ledger
) -> list[AssignedCrop]:
    """Leave out what would stand in two splits, and merge byte-identical crops.

    All votes on the copies count together; see `settle`.

    Args:
        crops: all crops that can be used.
        assigned: the split and group of each.
        ledger: the ledger, to which every crop that is left out is added.

    Returns:
        One of each set of identical crops whose label is clear, in the order of their lines.
    """
    copies: dict[str, list[AssignedCrop]] = defaultdict(list)
    for crop, where in zip(crops, assigned, strict=True):
        if where.conflict:
            drop_conflict(crop.line, crop.source_file, where, ledger)
        else:
            copies[crop.candidate.sha256].append(AssignedCrop(crop, where))
    kept = []
    for same in copies.values():
        merged = _merge([item.crop for item in same], same[0].assigned.split, ledger)
        kept += [] if merged is None else [AssignedCrop(merged, same[0].assigned)]
    return sorted(kept, key=lambda item: item.crop.line)


def _merge(same: Sequence[Crop], split: str, ledger: Ledger) -> Crop | None:
    """Make one crop of those that show the same; None if it is not clear what they show."""
    first = same[0]
    votes = pool([(crop.emotion, crop.votes) for crop in same])
    emotion = settle(votes, first.emotion, split)
    if emotion is None:
        reason, detail = disagreement(len({crop.emotion for crop in same}) > 1, split)
        for crop in same:
            ledger.drop(crop.line, crop.source_file, reason, detail)
        return None
    for crop in same[1:]:
        detail = f"byte-identical to {first.source_file}"
        ledger.drop(crop.line, crop.source_file, DropReason.DUPLICATE_ROW, detail)
    return replace(first, emotion=emotion, votes=votes)


def drop_conflict(line: int, image: str, assigned: SplitAssignment, ledger: Ledger) -> None:
    """Account for an image whose copy or person the dataset has in a more protected split."""
    detail = f"a copy of it, or its person, is in the dataset's own {assigned.split} split"
    ledger.drop(line, image, DropReason.GROUP_IN_OTHER_SPLIT, detail)


def load_crop(path: Path, sha256: str) -> Image:
    """Read a crop from a file.

    Raises:
        YoloFerError: if the file has changed since it was scanned.
    """
    data = images.read_bytes(path)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise YoloFerError(f"{path} changed during the conversion; run it again")
    return images.decode(data)
