"""From the output of a YOLO head to faces: one face has one box, whatever the network's family."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from yolo_fer import boxes as geometry
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError
from yolo_fer.results import face_scores

_SAME_VIEW = 0.7  # IoU of boxes that a raw head drew around the same face at neighbouring places
_ROUNDING = 0.05  # by how much the steps of an int8 network can miss 0 and 1
_LEAST_HEARD = 0.01  # score of a box, as a face, for its opinion to count


class Layout(Enum):
    """The two forms in which YOLO networks give their boxes."""

    RAW = "raw"
    """(1, 4 + classes, N): centre and size, then a score for each class; nothing suppressed."""
    END_TO_END = "end-to-end"
    """(1, N, 6): corners, the score and the id of one class (YOLO26, YOLOv10, nms=True)."""


@dataclass(frozen=True, slots=True)
class Detections:
    """The faces that a network found, best score first; see `face_scores`.

    Args:
        boxes: (N, 4) left, top, right, bottom in pixels of the network's input.
        scores: (N, 7) the score of each emotion, 0 to 1, in the order of `Emotion`.
        best_left_out: the score of the best face beyond the limit of faces, 0 if there is none.
    """

    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]
    best_left_out: float = 0.0


def recognise_layout(
    shape: tuple[int, ...], classes: int, end_to_end: bool | None = None
) -> Layout:
    """Return the layout of an output.

    Args:
        shape: the shape of the output.
        classes: the number of classes that the network knows.
        end_to_end: whether the file says that suppression is part of the network; None decides by
            the shape alone.

    Raises:
        YoloFerError: if it is neither; the message names the shape.
    """
    if len(shape) == 3 and shape[0] == 1:
        if shape[2] == 6 and end_to_end is not False:
            return Layout.END_TO_END
        if shape[1] == 4 + classes and not end_to_end:
            return Layout.RAW
    like = "; RT-DETR returns that" if shape[-1:] == (4 + classes,) else ""
    raise YoloFerError(
        f"the output has the shape {shape}{like}; with {classes} classes a YOLO detector returns "
        f"(1, {4 + classes}, N), or (1, N, 6) if suppression is part of it"
    )


def check_output(output: NDArray[np.float32], layout: Layout) -> None:
    """Make sure that an output holds what its layout says, which a shape alone does not show.

    Raises:
        YoloFerError: if it has no numbers, no scores of 0 to 1 or no numbers of classes.
    """
    whole = np.isfinite(output[0]).all(axis=1 if layout is Layout.END_TO_END else 0)
    some = output[:, whole] if layout is Layout.END_TO_END else output[:, :, whole]
    # Where numbers fail at a few places the others are of use, and images are warned of.
    fault = find_fault(some if whole.any() else output, layout)
    if fault is not None:
        raise YoloFerError(f"the network returns {fault}, as no YOLO detector does")
    if layout is Layout.RAW and 0 < output[0, :2, whole].max(initial=0) <= 1:
        raise YoloFerError(
            "the network returns boxes in shares of the image and not in pixels; RT-DETR and some "
            "conversions do that"
        )
    if layout is Layout.END_TO_END:
        ids = output[0, whole, 5]
        if (ids != np.round(ids)).any():
            raise YoloFerError(
                "the last of six columns, which in a YOLO detector is the number of a class, holds "
                "fractions; RT-DETR returns that"
            )


def find_fault(output: NDArray[np.float32], layout: Layout) -> str | None:
    """Return what is wrong with an output, None if it holds numbers and scores of 0 to 1."""
    if not output.size:
        return None
    if not np.isfinite(output).all():
        return "no numbers (NaN or infinity): its training had diverged, or its export failed"
    scores = output[0, :, 4] if layout is Layout.END_TO_END else output[0, 4:]
    least, most = float(scores.min()), float(scores.max())
    if least < -_ROUNDING or most > 1 + _ROUNDING:
        return f"scores from {least:g} to {most:g}, where 0 to 1 is possible"
    return None


def decode(
    output: NDArray[np.float32],
    layout: Layout,
    classes: Mapping[int, Emotion],
    *,
    conf: float,
    iou: float,
    max_faces: int,
) -> Detections:
    """Turn a network's output into faces.

    Suppression looks at all emotions together: of two boxes that overlap, the one that is less sure
    of a face (`face_scores`) goes, even if it names another emotion. Boxes and scores that are not
    finite are no faces, nor is what scores 0; scores outside 0 to 1 are cut off there.

    A raw head looks at a face from several places and scores every emotion at each. A face is the
    mean of the boxes that overlap the kept one by 0.7 (or `iou`) and more, and of their seven
    scores, weighted by their scores as faces: box voting (Gidaris and Komodakis 2015), for scores,
    too. It costs next to nothing, is worth about one point of mAP50 and of face AP50 on ExpW's
    validation images, and hardly depends on the overlap (0.6 to 0.8 tried).

    An end-to-end graph has one emotion at a box, whose score is then that of the face. Where it
    gives several boxes for a face, the scores of the emotions that suppressed boxes name are added
    to the box that suppressed them; the others are 0.

    Args:
        output: the output of the network for one image.
        layout: the layout of the output.
        classes: the emotion of each class id; boxes of other classes are no faces.
        conf: the least score of a face.
        iou: two boxes with a greater overlap are one face.
        max_faces: keep at most so many, the best.
    """
    heard = min(conf, _LEAST_HEARD)
    if layout is Layout.END_TO_END:
        boxes, scores = _read_end_to_end(output[0], classes, heard)
        kept = geometry.nms(boxes, face_scores(scores), iou)
        boxes, scores = boxes[kept], _gather_scores(boxes, scores, kept, iou)[kept]
    else:
        boxes, scores = _read_raw(output[0], classes, heard)
        sure = face_scores(scores)
        candidates = np.flatnonzero(sure >= conf)
        kept = geometry.nms(boxes[candidates], sure[candidates], iou, limit=max_faces + 1)
        kept = candidates[kept]
        boxes, scores = _vote(boxes, scores, sure, kept, max(iou, _SAME_VIEW))
    sure = face_scores(scores)
    # Once more, because the means of two faces can overlap where their best boxes did not.
    order = geometry.nms(boxes, sure, iou)
    order = order[sure[order] >= conf]
    left_out = float(sure[order[max_faces]]) if len(order) > max_faces else 0.0
    order = order[:max_faces]
    return Detections(boxes[order], scores[order], left_out)


def _vote(
    boxes: NDArray[np.float64],
    scores: NDArray[np.float64],
    sure: NDArray[np.float64],
    kept: NDArray[np.intp],
    overlap: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (K, 4) and (K, 7): for each kept box the means of those that saw the same face."""
    # Who is heard does not depend on `conf`: a face has the same scores at every threshold.
    heard = sure * (sure >= _LEAST_HEARD)
    weights = (geometry.iou(boxes[kept], boxes) >= overlap) * heard
    weights[np.arange(len(kept)), kept] = sure[kept]  # a box without area overlaps nothing
    weights /= weights.sum(axis=1, keepdims=True)
    return weights @ boxes, np.minimum(weights @ scores, 1)  # a mean of ones can exceed 1 by 1e-16


def _read_raw(
    output: NDArray[np.float32], classes: Mapping[int, Emotion], heard: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    ids = list(classes)
    best = output[[4 + i for i in ids]].max(axis=0)
    # Of n scores one is at least an nth of the face's, which saves logarithms of thousands of
    # columns. A comparison with NaN is false, so that a column with one is dropped here.
    columns = output[:, (best > 0) & (best >= heard / len(ids))].T.astype(np.float64)
    columns = columns[np.isfinite(columns).all(axis=1)]
    scores = np.zeros((len(columns), len(Emotion)))
    scores[:, [classes[i] for i in ids]] = columns[:, [4 + i for i in ids]].clip(0, 1)
    loud = face_scores(scores) >= heard
    centre, half = columns[loud, :2], columns[loud, 2:4] / 2
    return np.concatenate([centre - half, centre + half], axis=1), scores[loud]


def _read_end_to_end(
    output: NDArray[np.float32], classes: Mapping[int, Emotion], heard: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    best = output[:, 4]
    loud = np.isfinite(output).all(axis=1) & (best > 0) & (best >= heard)
    rows = output[loud].astype(np.float64)
    rows = rows[np.isin(rows[:, 5], list(classes))]
    scores = np.zeros((len(rows), len(Emotion)))
    scores[np.arange(len(rows)), [classes[int(i)] for i in rows[:, 5]]] = rows[:, 4].clip(0, 1)
    return rows[:, :4], scores


def _gather_scores(
    boxes: NDArray[np.float64], scores: NDArray[np.float64], kept: NDArray[np.intp], iou: float
) -> NDArray[np.float64]:
    """Add to each kept box the scores of the boxes that it suppressed.

    A box belongs to the best kept box that overlaps it, so that no sum of scores is formed and the
    emotion of a kept box stays what it was.
    """
    gathered = scores.copy()
    if not len(kept):
        return gathered
    overlaps = geometry.iou(boxes[kept], boxes) > iou
    overlaps[:, kept] = False
    for box in np.flatnonzero(overlaps.any(axis=0)):
        owner = kept[int(overlaps[:, box].argmax())]
        gathered[owner] = np.maximum(gathered[owner], scores[box])
    return gathered
