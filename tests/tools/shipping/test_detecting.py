from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.helpers.drawn_pictures import photograph
from tools.shipping.detecting import measure_detecting
from yolo_fer.emotions import Emotion


class Finds(nn.Module):
    """A detector that gives every image the same boxes, (A, 11) centre, size and seven scores."""

    def __init__(self, boxes: Any) -> None:
        super().__init__()
        self.boxes = nn.Parameter(torch.tensor(boxes, dtype=torch.float32).T)

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, None]:
        return self.boxes.expand(len(pixels), -1, -1), None


def on(box: np.ndarray[Any, Any], emotion: Emotion, score: float) -> list[float]:
    """A box of a picture of 320x240 as it lies in an input of 320x320."""
    x1, y1, x2, y2 = box
    scores = [0.01] * 7
    scores[emotion] = score
    return [(x1 + x2) / 2, (y1 + y2) / 2 + 40, x2 - x1, y2 - y1, *scores]


def test_the_best_box_on_a_face_names_it() -> None:
    picture = photograph(Emotion.ANGER)
    (box,) = picture.boxes
    boxes = [on(box, Emotion.FEAR, 0.2), on(box, Emotion.ANGER, 0.8)]
    seen = measure_detecting(Finds([*boxes, on(box + 150, Emotion.FEAR, 0.9)]), [picture], 320)
    assert (seen.faces, seen.found, seen.accuracy) == (1, 1.0, 1.0)


def test_a_face_without_a_box_is_neither_found_nor_named() -> None:
    picture = photograph(Emotion.FEAR)
    far = on(picture.boxes[0] + 150, Emotion.FEAR, 0.9)
    seen = measure_detecting(Finds([far]), [picture], 320)
    assert (seen.found, seen.accuracy) == (0.0, 0.0)
    assert seen.cross_entropy == pytest.approx(np.log(7))
    with pytest.raises(ValueError, match="no picture"):
        measure_detecting(Finds([far]), [photograph(None)], 320)
