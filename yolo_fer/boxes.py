"""The one place of box arithmetic.

A set of boxes is a float array of shape (N, 4). The format is in the name of each function:
`xyxy` is left, top, right, bottom in pixels; `xywh` is left, top, width, height in pixels (COCO);
`cxcywhn` is centre and size as fractions of the image (YOLO).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Boxes: TypeAlias = NDArray[np.floating[Any]]


def xyxy_to_xywh(boxes: Boxes) -> Boxes:
    """Convert (N, 4) corner boxes to COCO's left, top, width, height."""
    return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)


def xywh_to_xyxy(boxes: Boxes) -> Boxes:
    """Convert (N, 4) COCO boxes to corners."""
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


def xyxy_to_cxcywhn(boxes: Boxes, width: int, height: int) -> Boxes:
    """Convert (N, 4) corner boxes in pixels to YOLO's normalised centre and size."""
    centre_size = np.concatenate(
        [(boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]], axis=1
    )
    return np.asarray(centre_size / np.array([width, height, width, height]))


def cxcywhn_to_xyxy(boxes: Boxes, width: int, height: int) -> Boxes:
    """Convert (N, 4) YOLO boxes to corner boxes in pixels."""
    scaled = boxes * np.array([width, height, width, height])
    return np.concatenate(
        [scaled[:, :2] - scaled[:, 2:] / 2, scaled[:, :2] + scaled[:, 2:] / 2], axis=1
    )


def clip(boxes: Boxes, width: int, height: int) -> Boxes:
    """Cut (N, 4) corner boxes off at the edges of the image; a box outside it becomes empty."""
    return np.clip(boxes, 0, np.array([width, height, width, height]))


def widen(boxes: Boxes, margin: float) -> Boxes:
    """Add a share of its own width and height to each side of (N, 4) corner boxes."""
    extra = (boxes[:, 2:] - boxes[:, :2]) * margin
    return np.concatenate([boxes[:, :2] - extra, boxes[:, 2:] + extra], axis=1)


def area(boxes: Boxes) -> Boxes:
    """Return the areas (N,) of corner boxes in square pixels; an inverted box has area 0."""
    size = np.clip(boxes[:, 2:] - boxes[:, :2], 0, None)
    return np.asarray(size[:, 0] * size[:, 1])


def intersection(a: Boxes, b: Boxes) -> Boxes:
    """Return the (N, M) areas that N and M corner boxes have in common, in square pixels."""
    top_left = np.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = np.minimum(a[:, None, 2:], b[None, :, 2:])
    size = np.clip(bottom_right - top_left, 0, None)
    return np.asarray(size[..., 0] * size[..., 1])


def iou(a: Boxes, b: Boxes) -> Boxes:
    """Return the (N, M) intersections over unions of N and M corner boxes, in 0 to 1."""
    common = intersection(a, b)
    union = area(a)[:, None] + area(b)[None, :] - common
    return np.asarray(common / np.maximum(union, np.finfo(np.float64).tiny))


def match(a: Boxes, b: Boxes, threshold: float) -> list[tuple[int, int]]:
    """Pair corner boxes one to one, the best overlap first.

    Args:
        a: (N, 4) boxes.
        b: (M, 4) boxes.
        threshold: the least IoU of a pair.

    Returns:
        Index pairs (into a, into b); no index stands twice.
    """
    overlaps = iou(a, b)
    pairs: list[tuple[int, int]] = []
    for flat in np.argsort(-overlaps, axis=None, kind="stable"):
        i, j = divmod(int(flat), overlaps.shape[1])
        if overlaps[i, j] < threshold:
            break
        if all(i != p and j != q for p, q in pairs):
            pairs.append((i, j))
    return pairs


def overlap_with_smaller(a: Boxes, b: Boxes) -> Boxes:
    """Return the (N, M) intersections over the smaller of two corner boxes, in 0 to 1."""
    smaller = np.minimum(area(a)[:, None], area(b)[None, :])
    return np.asarray(intersection(a, b) / np.maximum(smaller, np.finfo(np.float64).tiny))


def nms(
    boxes: Boxes,
    scores: NDArray[np.floating[Any]],
    threshold: float,
    limit: int | None = None,
    overlap: Callable[[Boxes, Boxes], Boxes] = iou,
) -> NDArray[np.intp]:
    """Greedy non-maximum suppression over all classes together.

    Args:
        boxes: (N, 4) corner boxes.
        scores: (N,) scores.
        threshold: a box that overlaps a better one by more is suppressed.
        limit: keep at most so many boxes; None keeps all.
        overlap: what is compared with the threshold: `iou` or `overlap_with_smaller`.

    Returns:
        The indices of the kept boxes, best score first.
    """
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while order.size and (limit is None or len(kept) < limit):
        best, rest = order[0], order[1:]
        kept.append(int(best))
        order = rest[overlap(boxes[best : best + 1], boxes[rest])[0] <= threshold]
    return np.array(kept, dtype=np.intp)


def to_squares(boxes: Boxes, side: float, right: float, up: float) -> Boxes:
    """Replace (N, 4) corner boxes of width w and height h by squares.

    Args:
        boxes: corners.
        side: the side of the squares, in h.
        right: how far their centres lie to the right of the boxes' centres, in w.
        up: how far they lie above, in h.
    """
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    cx = (boxes[:, 0] + boxes[:, 2]) / 2 + right * width
    cy = (boxes[:, 1] + boxes[:, 3]) / 2 - up * height
    half = side * height / 2
    return np.stack([cx - half, cy - half, cx + half, cy + half], axis=1)


def retinaface_to_expw(boxes: Boxes) -> Boxes:
    """Bring RetinaFace's tight corner boxes to the looser square boxes of ExpW.

    The figures were fitted on faces that have both boxes: a square of side 0.994 h whose centre
    lies 0.013 w to the right and 0.042 h above. On held-out faces it takes the mean IoU of the two
    from 0.64 to 0.80.
    """
    return to_squares(boxes, side=0.994, right=0.013, up=0.042)


def expw_to_retinaface(boxes: Boxes) -> Boxes:
    """Bring ExpW's square corner boxes to RetinaFace's: the inverse of `retinaface_to_expw`.

    A square does not tell how wide the face was; 0.76 of its height is the median.
    """
    side = boxes[:, 3] - boxes[:, 1]
    height = side / 0.994
    width = 0.76 * height
    cx = (boxes[:, 0] + boxes[:, 2]) / 2 - 0.013 * width
    cy = (boxes[:, 1] + boxes[:, 3]) / 2 + 0.042 * height
    return np.stack([cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2], axis=1)
