"""How well a detector finds and names faces that it was not trained on, while it is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tools.shipping.answers import summarise
from tools.shipping.crop_views import as_input
from tools.shipping.pictures import Picture
from tools.shipping.placing import Place, move_boxes, placement, warp, whole_square
from yolo_fer.boxes import cxcywhn_to_xyxy, iou
from yolo_fer.emotions import Emotion
from yolo_fer.results import emotion_probabilities, face_scores
from yolo_fer.train.device import precision

_BATCH = 8
_SAME = 0.4  # IoU of a box that has found a face
_FOUND = 0.3  # least score of a face


@dataclass(frozen=True, slots=True)
class Detecting:
    """How the labelled faces of pictures were found and named.

    Args:
        faces: how many.
        found: share that a box of score 0.3 and more lies on.
        accuracy: share whose most probable emotion is that of the label; a face that no box lies on
            is named wrong.
        mean_accuracy: the same for each emotion alone, averaged over the emotions.
        cross_entropy: between label and answer, in nats; lower is better.
    """

    faces: int
    found: float
    accuracy: float
    mean_accuracy: float
    cross_entropy: float


def measure_detecting(network: Any, pictures: Sequence[Picture], size: int = 384) -> Detecting:
    """Look at whole pictures, each enlarged or shrunk to the network's input.

    Raises:
        ValueError: if no face is labelled.
    """
    targets: list[NDArray[np.float32]] = []
    said: list[NDArray[np.float64]] = []
    found: list[bool] = []
    for start in range(0, len(pictures), _BATCH):
        chunk = pictures[start : start + _BATCH]
        for picture, boxes, outputs in zip(chunk, *_look(network, chunk, size), strict=True):
            rows = np.flatnonzero(np.isfinite(picture.targets[:, 0]))
            for row in rows:
                score, answer = _best_on(boxes[row], outputs)
                targets.append(picture.targets[row])
                found.append(score >= _FOUND)
                said.append(answer)
    if not targets:
        raise ValueError("no picture has a face whose expression is known")
    naming = summarise(np.array(targets), np.array(said, np.float32))
    return Detecting(
        naming.faces,
        float(np.mean(found)),
        naming.accuracy,
        naming.mean_accuracy,
        naming.cross_entropy,
    )


@torch.no_grad()  # type: ignore[untyped-decorator]  # torch is not looked into
def _look(
    network: Any, pictures: Sequence[Picture], size: int
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """Return the true boxes and the network's output (A, 11) for each picture."""
    device = next(network.parameters()).device
    inputs, boxes = [], []
    for picture in pictures:
        matrix = placement(whole_square(picture), Place(size / 2, size / 2, size))
        inputs.append(warp(picture.pixels, matrix, size))
        boxes.append(np.clip(move_boxes(picture.boxes, matrix), 0, size))
    network.eval()
    with precision(device):
        output = network(as_input(torch.from_numpy(np.stack(inputs))[:, None], device))
    output = output[0] if isinstance(output, tuple) else output
    return boxes, [one.T.astype(np.float64) for one in output.float().cpu().numpy()]


def _best_on(
    box: NDArray[np.float64], output: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Return the score of the best box on a face, and (7,) how probable it calls each emotion."""
    scores = output[:, 4:]
    faces = face_scores(scores)
    on_face = iou(box[None], cxcywhn_to_xyxy(output[:, :4], 1, 1))[0] >= _SAME
    if not on_face.any():
        return 0.0, np.full(len(Emotion), 1 / len(Emotion))
    best = int(np.where(on_face, faces, -1).argmax())
    return float(faces[best]), emotion_probabilities(scores[best][None])[0]
