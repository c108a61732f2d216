"""How much a network of the cascade lets through: nearly all faces, but not nearly everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from yolo_fer.boxes import iou
from yolo_fer.faces.mtcnn.cascade import Windows
from yolo_fer.images import Image
from yolo_fer.train.mtcnn.bank import FOREGROUND_IOU
from yolo_fer.train.mtcnn.training_images import Photograph, read_or_none

FLOOR = 0.01
"""Windows with lower scores are too many to look at."""
_KEPT = 0.99  # of the faces
_MOST_WINDOWS = 150  # of a photograph, in the mean: the next network's work
_MOST_PHOTOGRAPHS = 300  # each takes a third of a second


def choose_threshold(
    photographs: Sequence[Photograph], find: Callable[[Image], Windows], most: float
) -> float:
    """Return the score that 99 % of the faces reach at a network, unless most windows do so, too.

    After training with three hard negatives for each face the scores of faces are lower than those
    of the weights that it started from: with their thresholds it would lose half of them. Each
    stage is set to a rate of detection as in Viola and Jones, "Rapid Object Detection using a
    Boosted Cascade of Simple Features", CVPR 2001.

    Args:
        photographs: the photographs, which nothing was trained on; of many, 300 are looked at.
        find: finds faces with the network and those before it, with this network's threshold at
            `FLOOR`.
        most: the highest threshold that is wanted, in `FLOOR` to 1.

    Returns:
        In `FLOOR` to `most`, or what lets 150 windows of a photograph through, if that is more;
        `most` if no face reaches the network at all.
    """
    best: list[float] = []
    scores: list[NDArray[np.float64]] = []
    for photograph in photographs[:: -(-len(photographs) // _MOST_PHOTOGRAPHS)]:
        image = read_or_none(photograph, Counter())
        if image is None:
            continue
        windows = find(image)
        scores.append(windows.scores)
        shows = iou(photograph.boxes, windows.boxes) >= FOREGROUND_IOU
        best.extend(np.where(shows, windows.scores, 0).max(axis=1, initial=0).tolist())
    reached = [score for score in best if score]
    if not reached:
        return most
    falling = np.sort(np.concatenate(scores))[::-1]
    too_many = falling[_MOST_WINDOWS * len(scores) :]
    affordable = too_many[0] if len(too_many) else 0.0
    return float(max(np.clip(np.quantile(reached, 1 - _KEPT), FLOOR, most), affordable))
