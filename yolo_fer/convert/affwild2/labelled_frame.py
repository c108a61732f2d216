"""What becomes of one frame of a video: its faces, or why its labels give none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yolo_fer import boxes
from yolo_fer.convert.affwild2.options import Affwild2Options
from yolo_fer.convert.affwild2.people_doubt import Named, UnknownFace
from yolo_fer.convert.affwild2.source import Side
from yolo_fer.convert.assemble import FOUND_AGAIN
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.dataset.samples import Box, Face
from yolo_fer.emotions import Emotion

_OUTSIDE = UnknownFace(DropReason.OUTSIDE_IMAGE, "the face lies outside the image")


@dataclass(frozen=True, slots=True)
class FoundFrame:
    """A decoded frame.

    Args:
        size: the width and height of the frame in pixels.
        boxes: (N, 4) of the found faces, in pixels and in the finder's own convention.
    """

    size: tuple[int, int]
    boxes: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FrameFaces:
    """What becomes of a frame.

    Args:
        skipped: the people whose label is not used, each with the reason.
        faces: the labelled faces and then the unlabelled ones; empty if no label is used.
        clipped: the number of labelled faces that were cut at the edge.
    """

    skipped: dict[Side, UnknownFace]
    faces: tuple[Face, ...] = ()
    clipped: int = 0

    @property
    def has_unlabelled(self) -> bool:
        """Whether there are unlabelled faces."""
        return any(face.emotion is None for face in self.faces)


def label_frame(
    options: Affwild2Options, frame: FoundFrame, labels: Mapping[Side, Emotion], named: Named
) -> FrameFaces:
    """Give the labels of a frame to its faces.

    Args:
        options: the settings of the conversion.
        frame: the frame as it was decoded.
        labels: the labels of the people who have one there.
        named: the face of each person, or why it is not known.
    """
    whole = options.boxes.from_retinaface(frame.boxes)
    placed = boxes.clip(whole, *frame.size)
    inside = boxes.area(placed) > 0
    skipped: dict[Side, UnknownFace] = {}
    labelled: dict[int, Emotion] = {}
    for side, emotion in labels.items():
        face = named[side]
        if isinstance(face, UnknownFace):
            skipped[side] = face
        elif not inside[face]:
            skipped[side] = _OUTSIDE
        else:
            labelled[face] = emotion
    if not labelled:
        return FrameFaces(skipped)
    unknown = _unlabelled(placed, inside, list(labelled))
    if unknown and options.unlabelled is Unlabelled.DROP:
        detail = f"the frame has {len(unknown)} unlabelled faces"
        why = UnknownFace(DropReason.IMAGE_WITH_UNLABELLED_FACES, detail)
        return FrameFaces({side: skipped.get(side, why) for side in labels})
    if options.unlabelled is Unlabelled.KEEP:
        unknown = []
    faces = [Face(Box(*placed[i].tolist()), emotion) for i, emotion in labelled.items()]
    faces += [Face(Box(*placed[i].tolist()), None) for i in unknown]
    clipped = sum(not np.array_equal(placed[i], whole[i]) for i in labelled)
    return FrameFaces(skipped, tuple(faces), clipped)


def _unlabelled(
    placed: boxes.Boxes, inside: NDArray[np.bool_], labelled: Sequence[int]
) -> list[int]:
    """Return the unlabelled faces; another box of a labelled face is none."""
    again = boxes.iou(placed, placed[labelled]).max(axis=1) >= FOUND_AGAIN
    return np.flatnonzero(inside & ~again).tolist()
