"""Which face of an image has the label, and whether it fills the image."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from yolo_fer import boxes
from yolo_fer.convert.assemble import FOUND_AGAIN
from yolo_fer.convert.crops import TIGHT, CropKind
from yolo_fer.convert.scan import Scan
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.ledger import Ledger
from yolo_fer.dataset.samples import Box, box_array
from yolo_fer.emotions import Emotion

# A face whose box has this share of the image's shorter side fills the image. Tight and aligned
# crops have 0.95 and more; of ExpW's images, which are none, one in ten has 0.65.
_FILLS = 0.7
_MISTAKEN = 0.4  # a smaller face in what the user calls a crop is not the face
_AS_LARGE = 0.7  # of the largest face's area: it is not clear which of the two has the label


class ImageKind(StrEnum):
    """What an image is; `auto` looks at it."""

    AUTO = "auto"
    CROPS = "crops"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class LabelledSource:
    """An image file and the emotion of one face in it.

    Args:
        line: the number of the line in the label file, or the number of the image file.
        file: POSIX path below the image folder.
        emotion: the emotion of the labelled face.
        kind: whether the image is a crop of that face.
        crop: the place of the face in a crop; None to look for it.
        box: the box of the face in pixels, in any convention; None for the largest face.
        person: the person that it shows; None if it is not known.
        split: the split that the dataset has it in, None if it has no splits.
        votes: the votes on its label, a ballot as in `votes.py`; empty if there are none.
    """

    line: int
    file: str
    emotion: Emotion
    kind: ImageKind = ImageKind.AUTO
    crop: CropKind | None = None
    box: Box | None = None
    person: str | None = None
    split: str | None = None
    votes: str = ""


@dataclass(frozen=True, slots=True)
class LabelledFace:
    """An image that can be used.

    Args:
        image: its row.
        scan: what was seen in it.
        box: the box of the labelled face in ExpW's convention.
        is_crop: whether it shows nothing but that face.
        found: RetinaFace's own box of the face; None if it did not find it.
    """

    image: LabelledSource
    scan: Scan
    box: Box
    is_crop: bool
    found: Box | None = None


def look(
    images: Iterable[LabelledSource], scans: Mapping[str, Scan], ledger: Ledger
) -> list[LabelledFace]:
    """Find the labelled face of each image.

    Args:
        images: the rows of a dataset that name an emotion.
        scans: the scans of their files, with the faces that a finder found where it is not known
            where they are.
        ledger: the ledger; rows with a damaged file, or in which no face clearly has the label, are
            added to it.

    Returns:
        The usable ones, in order.
    """
    seen = []
    for image in images:
        scan = scans[image.file]
        if scan.reason:
            ledger.drop(image.line, image.file, scan.reason, scan.detail)
        elif image.crop is not None:
            box = image.crop.box(scan.width, scan.height)
            seen.append(LabelledFace(image, scan, box, is_crop=True))
        else:
            tight: boxes.Boxes = np.array(scan.found, dtype=np.float64).reshape(-1, 4)
            tight = tight[np.argsort(-boxes.area(tight), kind="stable")]
            with_face = _with_listed_box if image.box else _with_largest_face
            usable = with_face(image, scan, tight, ledger)
            seen += [usable] if usable is not None else []
    return seen


def _with_largest_face(
    image: LabelledSource, scan: Scan, tight: boxes.Boxes, ledger: Ledger
) -> LabelledFace | None:
    found = boxes.retinaface_to_expw(tight)
    face = Box(*found[0].tolist()) if len(found) else None
    share = _share(face, scan)
    if image.kind is ImageKind.CROPS:
        if face is None or share < _MISTAKEN:
            face = TIGHT.box(scan.width, scan.height)
        return LabelledFace(image, scan, face, is_crop=True)
    if face is None:
        ledger.drop(image.line, image.file, DropReason.NO_FACE, "the face finder finds none")
        return None
    if image.kind is ImageKind.AUTO and share >= _FILLS:
        return LabelledFace(image, scan, face, is_crop=True)
    if len(found) > 1 and boxes.area(found)[1] >= _AS_LARGE * boxes.area(found)[0]:
        detail = "two faces are about as large; the label may belong to either"
        ledger.drop(image.line, image.file, DropReason.DOUBT, detail)
        return None
    return LabelledFace(image, scan, face, is_crop=False, found=Box(*tight[0].tolist()))


def _with_listed_box(
    image: LabelledSource, scan: Scan, tight: boxes.Boxes, ledger: Ledger
) -> LabelledFace | None:
    """Take the found face at the listed box, so that all boxes have one convention."""
    found = boxes.retinaface_to_expw(tight)
    listed = box_array([image.box] if image.box else [])
    if not boxes.area(boxes.clip(listed, scan.width, scan.height)).any():
        detail = f"the box lies outside the {scan.width}x{scan.height} image"
        ledger.drop(image.line, image.file, DropReason.OUTSIDE_IMAGE, detail)
        return None
    overlaps = boxes.iou(listed, found)[0]
    again = len(found) > 0 and overlaps.max() >= FOUND_AGAIN
    face = Box(*(found[overlaps.argmax()] if again else listed[0]).tolist())
    own = Box(*tight[overlaps.argmax()].tolist()) if again else None
    fills = image.kind is ImageKind.AUTO and _share(face, scan) >= _FILLS
    is_crop = fills or image.kind is ImageKind.CROPS
    return LabelledFace(image, scan, face, is_crop, own)


def _share(face: Box | None, scan: Scan) -> float:
    """Return how much of the image's shorter side the box of a face takes; 0 without a face."""
    return (face.x2 - face.x1) / min(scan.width, scan.height) if face else 0.0
