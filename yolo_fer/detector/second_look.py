"""A second look at large faces, on a smaller copy of the image.

A network has learned most from faces of a certain size, and names those best. One that fills a
large input is found, but named worse than on a smaller copy; best is the mean of both. And the
distances of a box have a greatest value, beyond which a face is found in part or not at all. Which
sizes these are was measured on validation images and stands in the file of the network; a file that
does not say so looks once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from yolo_fer import boxes as geometry
from yolo_fer.boxes import Boxes
from yolo_fer.results import FacePrediction, boxes_of

_SAME_FACE = 0.5  # least IoU of its boxes on both copies
_PART_OF_FACE = 0.7  # least share of a box in the box of a face of which it is only a part


@dataclass(frozen=True, slots=True)
class SecondLook:
    """When an image is looked at again, and on how small a copy.

    Args:
        above: side in pixels of the network's input; an image with a larger face is looked at
            again.
        best: side in pixels of the input at which a face is named best; the largest face has it on
            the copy.
        largest: side in pixels of the largest face that the network's boxes can describe; an image
            whose input is larger is looked at again, whatever was found. None if there is no such
            limit.
    """

    above: float
    best: float
    largest: float | None = None

    def scale(
        self, faces: Sequence[FacePrediction], gain: float, image_size: tuple[int, int]
    ) -> float | None:
        """Return how much smaller the copy is, 0 to 1; None if no second look is needed.

        Args:
            faces: of the first look.
            gain: pixels of its input for one of the image.
            image_size: height and width of the image in pixels.
        """
        side = gain * float(_sides(faces).max(initial=0))
        if self.largest is not None and gain * max(image_size) > self.largest:
            side = max(side, self.largest)
        return self.best / side if side > self.above else None

    def merged(
        self,
        faces: Sequence[FacePrediction],
        again: Sequence[FacePrediction],
        gain: float,
        conf: float,
    ) -> tuple[FacePrediction, ...]:
        """Return the faces of the first look, the large ones with the mean scores of both.

        Boxes stay as they are, since the first look sees edges more exactly; only of a face beyond
        the largest the second look has the box, and finds it where the first one does not. A large
        face keeps its scores if the second look does not find it, or if the two differ so much that
        their mean would be no face.

        Args:
            faces: of the first look.
            again: of the second look.
            gain: pixels of the first look's input for one of the image.
            conf: the least score of a face.
        """
        sides = gain * _sides(faces)
        beyond = gain * _sides(again) > (np.inf if self.largest is None else self.largest)
        boxes, others = boxes_of(faces), boxes_of(again)
        chosen, new = dict(enumerate(faces)), set(np.flatnonzero(beyond).tolist())
        for first, second in geometry.match(boxes, others, _SAME_FACE):
            if sides[first] > self.above or beyond[second]:
                whole = again[second] if beyond[second] else faces[first]
                mean = np.mean([faces[first].scores, again[second].scores], axis=0)
                both = replace(whole, scores=tuple(mean.tolist()))
                chosen[first] = both if both.score >= conf else whole
                sides[first] = 0  # no part of another
                new.discard(second)
        inside = geometry.overlap_with_smaller(boxes, others[beyond]).max(axis=1, initial=0)
        parts = (sides > self.above) & (inside >= _PART_OF_FACE)
        kept = [face for number, face in chosen.items() if not parts[number]]
        return tuple(sorted([*kept, *(again[n] for n in new)], key=lambda face: -face.score))


def _sides(faces: Sequence[FacePrediction]) -> Boxes:
    return np.asarray(np.sqrt(geometry.area(boxes_of(faces))))
