"""Which detection found which face, as pycocotools matches them, and the average precisions.

pycocotools holds every detection as a Python dictionary. The images are therefore given to it a few
hundred at a time, and only its verdicts are kept; at the end it accumulates all of them.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yolo_fer.boxes import xyxy_to_xywh
from yolo_fer.dataset.labels import IGNORED
from yolo_fer.evaluate.observations import Observations

MAX_DETECTIONS = 100  # of one class in one image, COCO's `maxDets`
IOU_THRESHOLDS: NDArray[np.float64] = np.linspace(0.5, 0.95, 10)
_CHUNK = 200  # images
_EVERY_AREA = [0.0, 1e10]


class Outcome(IntEnum):
    """What a detection of one class turned out to be, at IoU 0.5."""

    FALSE = 0
    TRUE = 1
    NOT_COUNTED = 2
    """On an ignored face, beyond `MAX_DETECTIONS`, or with a score of 0."""


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A detection problem with C classes.

    Args:
        truth_boxes: (G, 4) corners.
        truth_classes: (G,) class ids, `IGNORED` for a face to be ignored in every class.
        truth_image: (G,) index of the image, ascending.
        boxes: (D, 4) corners.
        scores: (D, C) of every class at every box; each above 0 is a detection.
        box_image: (D,) index of the image, ascending.
        images: the number of images.
    """

    truth_boxes: NDArray[np.float64]
    truth_classes: NDArray[np.int8]
    truth_image: NDArray[np.intp]
    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]
    box_image: NDArray[np.intp]
    images: int

    @classmethod
    def of_emotions(cls, seen: Observations, *, strict: bool = False) -> Problem:
        """Seven classes; all scores of a box are detections.

        Args:
            seen: true and predicted faces.
            strict: whether a detection on an unlabelled face is false.
        """
        kept = seen.labelled if strict else np.ones(len(seen.truth_emotions), np.bool_)
        return cls(
            seen.truth_boxes[kept],
            seen.truth_emotions[kept],
            seen.truth_image[kept],
            seen.boxes,
            seen.scores,
            seen.box_image,
            len(seen.images),
        )

    @classmethod
    def of_faces(cls, seen: Observations) -> Problem:
        """One class; a box is one detection, with the face's score."""
        return replace(
            cls.of_emotions(seen),
            truth_classes=np.where(seen.labelled, 0, IGNORED).astype(np.int8),
            scores=seen.face_scores[:, None],
        )

    @classmethod
    def of_all_faces(cls, seen: Observations) -> Problem:
        """One class; unlabelled faces are to be found, too.

        An image of which not all faces are known takes no part: none of its faces has to be found,
        and no box on it counts, since it may lie on a face that nobody boxed. A face that was
        painted over is ignored.
        """
        problem, all_boxed = cls.of_faces(seen), seen.all_boxed
        counted = all_boxed[seen.truth_image] & seen.visible
        return replace(
            problem,
            truth_classes=np.where(counted, 0, IGNORED).astype(np.int8),
            scores=np.where(all_boxed[seen.box_image, None], problem.scores, 0),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """The verdicts of pycocotools.

    Args:
        outcome: (D, C) an `Outcome` for each score, at the first IoU threshold.
        found_by: (G,) the box that found each true face at that threshold, -1 for none; with
            several classes, by a score of the face's own class.
        precision: (T, 101, C) at COCO's 101 recalls for each IoU threshold; -1 for an absent class.
    """

    outcome: NDArray[np.int8]
    found_by: NDArray[np.intp]
    precision: NDArray[np.float64]

    def average_precision(self, threshold: int | None = None) -> NDArray[np.float64]:
        """Return the (C,) average precisions, NaN for a class without faces.

        Args:
            threshold: index of the IoU threshold; None takes the mean of all.
        """
        curves = self.precision if threshold is None else self.precision[threshold : threshold + 1]
        averages = curves.mean(axis=(0, 1))
        return np.where(self.precision[0, 0] < 0, np.nan, averages)


def match(problem: Problem, iou_thresholds: NDArray[np.float64] = IOU_THRESHOLDS) -> Matches:
    """Match the detections of a problem to its faces and accumulate precision over recall.

    Args:
        problem: faces and detections.
        iou_thresholds: (T,) ascending; outcomes are those at the first.
    """
    from pycocotools.cocoeval import COCOeval

    classes = problem.scores.shape[1]
    outcome = np.full(problem.scores.shape, Outcome.NOT_COUNTED, np.int8)
    found_by = np.full(len(problem.truth_boxes), -1, np.intp)
    verdicts: list[list[dict[str, Any]]] = [[] for _ in range(classes)]
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools reports its progress there
        for first in range(0, problem.images, _CHUNK):
            chunk = _Chunk.cut(problem, first, min(first + _CHUNK, problem.images))
            evaluation = COCOeval(*chunk.as_coco(), "bbox")
            _set_parameters(evaluation.params, classes, iou_thresholds, MAX_DETECTIONS)
            evaluation.evaluate()
            entries = [entry for entry in evaluation.evalImgs if entry is not None]
            for entry in entries:
                chunk.note(entry, outcome, found_by)
            for category in range(classes):
                own = [entry for entry in entries if entry["category_id"] == category + 1]
                verdicts[category] += [_merge(own)] if own else []
        return Matches(outcome, found_by, _accumulate(verdicts, iou_thresholds))


def _set_parameters(
    parameters: Any, classes: int, iou_thresholds: NDArray[np.float64], max_detections: int
) -> None:
    parameters.catIds = list(range(1, classes + 1))
    parameters.iouThrs = iou_thresholds
    parameters.maxDets = [max_detections]
    parameters.areaRng = [_EVERY_AREA]
    parameters.areaRngLbl = ["all"]


def _merge(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Join the verdicts on several images into one, as `accumulate` would."""
    return {
        "dtScores": np.concatenate([entry["dtScores"] for entry in entries]),
        "dtMatches": np.concatenate([entry["dtMatches"] > 0 for entry in entries], axis=1),
        "dtIgnore": np.concatenate([entry["dtIgnore"] for entry in entries], axis=1),
        "gtIgnore": np.concatenate([entry["gtIgnore"] for entry in entries]),
    }


def _accumulate(
    verdicts: list[list[dict[str, Any]]], iou_thresholds: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return pycocotools' precision (T, 101, C) over verdicts that were merged."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    one_image = COCO()
    one_image.dataset = {"images": [{"id": 1}], "categories": [], "annotations": []}
    one_image.createIndex()
    evaluation = COCOeval(one_image, one_image, "bbox")
    unlimited = 2**62  # the limit for an image was kept when its detections were matched
    _set_parameters(evaluation.params, len(verdicts), iou_thresholds, unlimited)
    evaluation.evaluate()  # of nothing: `accumulate` works with the parameters that it was given
    evaluation.evalImgs = [_merge(entries) if entries else None for entries in verdicts]
    evaluation.accumulate()
    return np.asarray(evaluation.eval["precision"][:, :, :, 0, 0])


@dataclass(frozen=True, slots=True, eq=False)
class _Chunk:
    """Some neighbouring images of a problem; an id is an index in the chunk plus 1."""

    problem: Problem
    images: range
    truth: range
    boxes: range

    @classmethod
    def cut(cls, problem: Problem, first: int, end: int) -> _Chunk:
        truth = np.searchsorted(problem.truth_image, [first, end]).tolist()
        boxes = np.searchsorted(problem.box_image, [first, end]).tolist()
        return cls(problem, range(first, end), range(*truth), range(*boxes))

    def as_coco(self) -> tuple[Any, Any]:
        """Return true faces and detections as two `pycocotools.coco.COCO`."""
        from pycocotools.coco import COCO

        index = {
            "images": [{"id": image} for image in self.images],
            "categories": [{"id": c + 1} for c in range(self._classes)],
        }
        both = COCO(), COCO()
        for coco, rows in zip(both, (self._true_faces(), self._detections()), strict=True):
            coco.dataset = {**index, "annotations": rows}
            coco.createIndex()
        return both

    @property
    def _classes(self) -> int:
        return int(self.problem.scores.shape[1])

    def _true_faces(self) -> list[dict[str, Any]]:
        problem, chosen = self.problem, slice(self.truth.start, self.truth.stop)
        rows = zip(
            xyxy_to_xywh(problem.truth_boxes[chosen]).tolist(),
            problem.truth_image[chosen].tolist(),
            problem.truth_classes[chosen].tolist(),
            strict=True,
        )
        return [
            self._annotation(number, category, image, box) | {"iscrowd": int(label == IGNORED)}
            for number, (box, image, label) in enumerate(rows)
            for category in (range(self._classes) if label == IGNORED else (label,))
        ]

    def _detections(self) -> list[dict[str, Any]]:
        problem, chosen = self.problem, slice(self.boxes.start, self.boxes.stop)
        rows = zip(
            xyxy_to_xywh(problem.boxes[chosen]).tolist(),
            problem.box_image[chosen].tolist(),
            problem.scores[chosen].tolist(),
            strict=True,
        )
        return [
            self._annotation(number, category, image, box) | {"iscrowd": 0, "score": score}
            for number, (box, image, scores) in enumerate(rows)
            for category, score in enumerate(scores)
            if score > 0
        ]

    def _annotation(
        self, number: int, category: int, image: int, box: list[float]
    ) -> dict[str, Any]:
        return {
            "id": number * self._classes + category + 1,
            "image_id": image,
            "category_id": category + 1,
            "bbox": box,
            "area": box[2] * box[3],
        }

    def note(
        self, entry: dict[str, Any], outcome: NDArray[np.int8], found_by: NDArray[np.intp]
    ) -> None:
        """Write the verdicts on one image and class, at the first IoU threshold, into the whole."""
        category = entry["category_id"] - 1
        boxes = self.boxes.start + (np.array(entry["dtIds"], np.intp) - 1) // self._classes
        hit, ignored = entry["dtMatches"][0] > 0, entry["dtIgnore"][0] > 0
        verdict = np.where(ignored, Outcome.NOT_COUNTED, np.where(hit, Outcome.TRUE, Outcome.FALSE))
        outcome[boxes, category] = verdict
        true = verdict == Outcome.TRUE
        matched = entry["dtMatches"][0][true].astype(np.intp)
        found_by[self.truth.start + (matched - 1) // self._classes] = boxes[true]
