"""Looking at an image again, on a smaller copy.

A network has learned most from faces of a certain size, and names those best. One that fills a
large input is found, but named worse than on a smaller copy; best is the mean of both. And the
distances of a box have a greatest value, beyond which a face is found in part or not at all. Which
sizes these are was measured on validation images and stands in the file of the network; a file that
does not say so looks once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from yolo_fer import boxes as geometry
from yolo_fer.boxes import Boxes
from yolo_fer.results import FacePrediction, boxes_of

LEAST_SCORE = 0.1
"""Score of a face that is worth a second look, or that one may add. It does not depend on the score
that is asked for, so that a face has the same scores at every threshold."""
_SAME_FACE = 0.5  # least IoU of its boxes on both copies
_AROUND_FACE = 0.2  # least IoU of a box that is a face and its hair with that face
_SURE_ENOUGH = 0.5  # least score of what takes the place of a box, as a share of that box's score
_PART_OF_FACE = 0.7  # least share of a box in the box of a face of which it is only a part


class SecondLook(Protocol):
    """When an image is looked at again, on how small a copy, and what is made of it."""

    def scale(
        self, faces: Sequence[FacePrediction], gain: float, image_size: tuple[int, int]
    ) -> float | None:
        """Return how much smaller the copy is, 0 to 1; None if this look is not needed.

        Args:
            faces: that were found so far.
            gain: pixels of the network's input for one of the image.
            image_size: height and width of the image in pixels.
        """

    def merged(
        self,
        faces: Sequence[FacePrediction],
        again: Sequence[FacePrediction],
        gain: float,
    ) -> tuple[FacePrediction, ...]:
        """Return the faces of both looks together, best score first.

        Args:
            faces: that were found before.
            again: that are found on the copy.
            gain: pixels of the network's input for one of the image.
        """


def second_looks(above: float, best: float, largest: float | None = None) -> tuple[SecondLook, ...]:
    """Return the looks after the first one, in order, as the file of a network says them.

    Args:
        above: side of a face in pixels of the network's input; larger ones are named again.
        best: side at which a face is named best.
        largest: side of the largest face that the network's boxes can describe; None if there is no
            such limit.
    """
    if largest is None:
        return (NamesOfLargeFaces(above, best, np.inf),)
    return CloseUps(best, largest), NamesOfLargeFaces(above, best, largest)


@dataclass(frozen=True, slots=True)
class CloseUps:
    """Finds faces that are beyond the network's boxes, in images that have room for one.

    Args:
        best: side in pixels of the input of a face on the copy that has `largest` in the input.
        largest: side of the largest face that the network's boxes can describe.
    """

    best: float
    largest: float

    def scale(
        self, faces: Sequence[FacePrediction], gain: float, image_size: tuple[int, int]
    ) -> float | None:
        """Return how much smaller the copy is; None for an image without room for such a face."""
        return self.best / self.largest if gain * max(image_size) > self.largest else None

    def merged(
        self,
        faces: Sequence[FacePrediction],
        again: Sequence[FacePrediction],
        gain: float,
    ) -> tuple[FacePrediction, ...]:
        """Return all faces, those beyond the largest as the copy shows them.

        They take the place of boxes of which they are the whole, unless they are far less sure.
        What is of usual size on both copies stays as it is, and a box around it is none.
        """
        faces, rest = _worth_a_look(faces)
        again, _ = _worth_a_look(again)
        boxes, others = boxes_of(faces), boxes_of(again)
        beyond = gain * _sides(others) > self.largest
        seen_twice = (geometry.iou(boxes, others[~beyond]) >= _SAME_FACE).any(axis=1)
        beyond &= ~(geometry.iou(others, boxes[seen_twice]) > _AROUND_FACE).any(axis=1)
        sure = _scores(again) >= _SURE_ENOUGH * _scores(faces)[:, None]
        whole = beyond & sure & (geometry.overlap_with_smaller(boxes, others) >= _PART_OF_FACE)
        large = gain * _sides(boxes) > self.best  # a small face may be in front of a large one
        parts = whole.any(axis=1) & large & ~seen_twice
        kept = [face for face, part in zip(faces, parts, strict=True) if not part]
        added = [face for face, new in zip(again, beyond, strict=True) if new]
        return _best_first([*kept, *added, *rest])


@dataclass(frozen=True, slots=True)
class NamesOfLargeFaces:
    """Names large faces again, on a copy on which the largest of them has the best size.

    Args:
        above: side in pixels of the network's input; a larger face is named again.
        best: side in pixels of the input at which a face is named best.
        largest: side of the largest face that the network's boxes can describe; what is larger was
            found and named on a copy already.
    """

    above: float
    best: float
    largest: float

    def scale(
        self, faces: Sequence[FacePrediction], gain: float, image_size: tuple[int, int]
    ) -> float | None:
        """Return how much smaller the copy is; None if there is no large face."""
        sides = gain * _sides(boxes_of(_worth_a_look(faces)[0]))
        large = sides[self._large(sides)]
        return self.best / float(large.max()) if len(large) else None

    def merged(
        self,
        faces: Sequence[FacePrediction],
        again: Sequence[FacePrediction],
        gain: float,
    ) -> tuple[FacePrediction, ...]:
        """Return the faces found before, the large ones with the mean scores of both looks.

        Boxes stay as they are, since the first look sees edges more exactly. A large face keeps its
        scores if the second look does not find it.
        """
        chosen, rest = _worth_a_look(faces)
        again, _ = _worth_a_look(again)
        large = self._large(gain * _sides(boxes_of(chosen)))
        for first, second in geometry.match(boxes_of(chosen), boxes_of(again), _SAME_FACE):
            if large[first]:
                mean = np.mean([chosen[first].scores, again[second].scores], axis=0)
                chosen[first] = replace(chosen[first], scores=tuple(mean.tolist()))
        return _best_first([*chosen, *rest])

    def _large(self, sides: Boxes) -> NDArray[np.bool_]:
        return np.asarray((sides > self.above) & (sides <= self.largest))


def _worth_a_look(
    faces: Sequence[FacePrediction],
) -> tuple[list[FacePrediction], list[FacePrediction]]:
    """Return the faces whose score is worth a second look, and the others."""
    sure = [face for face in faces if face.score >= LEAST_SCORE]
    return sure, [face for face in faces if face.score < LEAST_SCORE]


def _best_first(faces: Sequence[FacePrediction]) -> tuple[FacePrediction, ...]:
    return tuple(sorted(faces, key=lambda face: -face.score))


def _scores(faces: Sequence[FacePrediction]) -> NDArray[np.float64]:
    return np.array([face.score for face in faces], np.float64)


def _sides(boxes: Boxes) -> Boxes:
    return np.asarray(np.sqrt(geometry.area(boxes)))
