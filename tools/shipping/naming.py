"""How well a network names faces that it was not trained on, while it is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tools.shipping.pictures import Picture
from tools.shipping.teaching import name_faces
from yolo_fer.emotions import Emotion

_NO_OPINION = np.full(len(Emotion), 1 / len(Emotion))
_LEAST = 1e-6  # of a probability whose logarithm is taken


@dataclass(frozen=True, slots=True)
class Naming:
    """How labelled faces were named, each over nine views (`teaching.name_faces`).

    Args:
        faces: how many.
        accuracy: share whose most probable emotion is that of the label; a face that is not found
            is named wrong.
        cross_entropy: between label and answer, in nats; lower is better, and it tells two
            networks apart where the accuracy of a few hundred faces cannot.
    """

    faces: int
    accuracy: float
    cross_entropy: float


def measure_naming(network: Any, pictures: Sequence[Picture]) -> Naming:
    """Name the faces of pictures whose expression is known.

    Raises:
        ValueError: if there are none.
    """
    faces = [
        (picture, row)
        for picture in pictures
        for row in range(len(picture.boxes))
        if np.isfinite(picture.targets[row, 0])
    ]
    if not faces:
        raise ValueError("no picture has a face whose expression is known")
    right, losses = 0, []
    for (picture, row), answer in zip(faces, name_faces(network, faces), strict=True):
        target = picture.targets[row]
        right += answer is not None and int(answer.argmax()) == int(target.argmax())
        opinion = _NO_OPINION if answer is None else answer
        losses.append(-float(target @ np.log(np.maximum(opinion, _LEAST))))
    return Naming(len(faces), right / len(faces), float(np.mean(losses)))
