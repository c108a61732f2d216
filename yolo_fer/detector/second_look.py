"""A second look at large faces, on a smaller copy of the image.

A network has learned most from faces of a certain size, and names those best. One that fills a
large input is found, but named worse than on a smaller copy; best is the mean of both. How large
faces may be, and how large they are best, was measured on validation images and stands in the file
of the network; a file that does not say so looks once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from yolo_fer import boxes as geometry
from yolo_fer.boxes import Boxes
from yolo_fer.results import FacePrediction, boxes_of

_SAME_FACE = 0.5  # least IoU of its boxes on both copies


@dataclass(frozen=True, slots=True)
class SecondLook:
    """When an image is looked at again, and on how small a copy.

    Args:
        above: side in pixels of the network's input; an image with a larger face is looked at
            again.
        best: side in pixels of the input at which a face is named best; the largest face has it on
            the copy.
    """

    above: float
    best: float

    def scale(self, faces: Sequence[FacePrediction], gain: float) -> float | None:
        """Return how much smaller the copy is, 0 to 1; None if no second look is needed.

        Args:
            faces: of the first look.
            gain: pixels of its input for one of the image.
        """
        largest = gain * float(_sides(faces).max(initial=0))
        return self.best / largest if largest > self.above else None

    def renamed(
        self,
        faces: Sequence[FacePrediction],
        again: Sequence[FacePrediction],
        gain: float,
        conf: float,
    ) -> tuple[FacePrediction, ...]:
        """Return the faces of the first look, the large ones with the mean scores of both.

        Boxes stay as they are, since the first look sees edges more exactly. A large face keeps its
        scores if the second look does not find it, or if the two differ so much that their mean
        would be no face.

        Args:
            faces: of the first look.
            again: of the second look.
            gain: pixels of the first look's input for one of the image.
            conf: the least score of a face.
        """
        large = gain * _sides(faces) > self.above
        chosen = list(faces)
        for first, second in geometry.match(boxes_of(faces), boxes_of(again), _SAME_FACE):
            if large[first]:
                mean = np.mean([faces[first].scores, again[second].scores], axis=0)
                both = replace(faces[first], scores=tuple(mean.tolist()))
                chosen[first] = both if both.score >= conf else faces[first]
        return tuple(sorted(chosen, key=lambda face: -face.score))


def _sides(faces: Sequence[FacePrediction]) -> Boxes:
    return np.asarray(np.sqrt(geometry.area(boxes_of(faces))))
