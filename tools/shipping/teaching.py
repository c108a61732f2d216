"""What a trained network says of faces whose label is noisy or missing (Hinton et al. 2015)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tools.shipping.grey_network import as_input
from tools.shipping.pictures import Picture
from tools.shipping.placing import Place, move_boxes, placement, warp
from yolo_fer import boxes as geometry
from yolo_fer.errors import YoloFerError

_SIDES = (64, 82, 98)  # of the face in a tile, in pixels
_SHIFTS = ((0.0, False), (0.0, True), (0.03, False))  # in sides, and whether mirrored
_TILE = 320 // len(_SIDES)
_LEAST_IOU, _LEAST_SCORE = 0.5, 0.05  # of a box that has found the face
_LEAST_ANSWERED = 0.5  # of the faces, by a network that is to teach
_BATCH = 16


def relabel(
    network: Any,
    pictures: Sequence[Picture],
    trust: float,
    progress: Any = lambda items, description, total: items,
) -> list[Picture]:
    """Mix what a network says into the labels of pictures.

    A face that the network does not find keeps its label; one without a label gets the network's.

    Args:
        network: as trained, on grey.
        pictures: whose exact faces are looked at.
        trust: share of the network in a label that is known, 0 to 1.
        progress: wraps an iterable of known length to show how far it is.

    Returns:
        The pictures with new targets, in order.

    Raises:
        YoloFerError: if the network finds less than half of the faces.
    """
    said = iter(progress(name_faces(network, _faces(pictures)), "labelling", _count(pictures)))
    changed, answered = [], 0
    for picture in pictures:
        targets = picture.targets.copy()
        for row in range(len(targets)):
            opinion = next(said)
            if opinion is None:
                continue
            answered += 1
            known = np.isfinite(targets[row, 0])
            targets[row] = trust * opinion + (1 - trust) * targets[row] if known else opinion
        changed.append(replace(picture, targets=targets))
    if answered < _LEAST_ANSWERED * _count(pictures):
        raise YoloFerError(
            f"the network finds {answered} of {_count(pictures)} faces that it is to name; it has "
            "not learned to find faces yet"
        )
    return changed


def name_faces(
    network: Any, faces: Iterable[tuple[Picture, int]]
) -> Iterator[NDArray[np.float32] | None]:
    """Yield for each face (7,) how probable each emotion is, None if the face is not found.

    Each is shown nine times, at several sizes, moved and mirrored, and the answers are averaged.
    """
    batch: list[tuple[NDArray[np.uint8], NDArray[np.float64]]] = []
    for picture, number in faces:
        batch.append(_nine_views(picture, number))
        if len(batch) == _BATCH:
            yield from _answers(network, batch)
            batch = []
    if batch:
        yield from _answers(network, batch)


def _faces(pictures: Sequence[Picture]) -> Iterator[tuple[Picture, int]]:
    return ((picture, number) for picture in pictures for number in range(len(picture.boxes)))


def _count(pictures: Sequence[Picture]) -> int:
    return sum(len(picture.boxes) for picture in pictures)


def _nine_views(picture: Picture, number: int) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Return (320, 320) one face nine times, and (9, 4) where."""
    canvas = np.zeros((320, 320), np.uint8)
    where = np.zeros((len(_SIDES) * len(_SHIFTS), 4))
    box = picture.boxes[number]
    for row, side in enumerate(_SIDES):
        for column, (shift, mirrored) in enumerate(_SHIFTS):
            centre = _TILE / 2 + shift * side
            matrix = placement(box, Place(centre, centre, side, mirrored=mirrored))
            top, left = row * _TILE, column * _TILE
            canvas[top : top + _TILE, left : left + _TILE] = warp(picture.pixels, matrix, _TILE)
            moved = move_boxes(box[None], matrix)[0]
            where[row * len(_SHIFTS) + column] = np.add(moved, (left, top, left, top))
    return canvas, where


@torch.no_grad()  # type: ignore[untyped-decorator]  # torch is not looked into
def _answers(
    network: Any, batch: Sequence[tuple[NDArray[np.uint8], NDArray[np.float64]]]
) -> Iterator[NDArray[np.float32] | None]:
    network.eval()
    with torch.autocast("cpu", torch.bfloat16):
        output = network(as_input([canvas for canvas, _ in batch]))
    output = (output[0] if isinstance(output, tuple) else output).float().numpy()
    for found, (_, where) in zip(output, batch, strict=True):
        yield _mean_answer(found.T, where)


def _mean_answer(
    found: NDArray[np.float32], where: NDArray[np.float64]
) -> NDArray[np.float32] | None:
    """Average what the best box on each view says.

    Args:
        found: (A, 11) centre, size and seven scores of every anchor.
        where: (V, 4) of the views of one face.
    """
    boxes = geometry.cxcywhn_to_xyxy(found[:, :4].astype(np.float64), 1, 1)
    overlaps = geometry.iou(where, boxes)
    scores = np.clip(found[:, 4:], 1e-6, 1 - 1e-6)
    answers = []
    for overlap in overlaps:
        near = np.flatnonzero((overlap >= _LEAST_IOU) & (scores.max(axis=1) >= _LEAST_SCORE))
        if not len(near):
            continue
        best = scores[near[scores[near].max(axis=1).argmax()]]
        odds = best / (1 - best)  # the exponentials of the logits
        answers.append(odds / odds.sum())
    return np.asarray(np.mean(answers, axis=0), np.float32) if answers else None
