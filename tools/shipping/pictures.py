"""What the shipped weights are trained on: grey pictures of faces with soft labels."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from yolo_fer.emotions import Emotion
from yolo_fer.images import Image

GREY = (0.114, 0.587, 0.299)
"""Weights of blue, green and red in a grey value (ITU-R BT.601, as `cv2.cvtColor` has them)."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture with its faces.

    Args:
        name: of its file or row, for the record.
        pixels: (H, W) uint8, grey. Expressions do not depend on colour, and FER+ has none; a
            network that never saw colour transfers better from it to photographs.
        boxes: (N, 4) left, top, right, bottom in pixels, in ExpW's convention; they may pass the
            picture's edge.
        targets: (N, 7) how probable each emotion is, summing to 1; NaN for a face of which nobody
            knows.
        exact: whether the boxes were drawn around these faces; those of crops are estimates that
            teach no box.
        unsure: (M, 4) where there may be a face or none: it is neither to be found nor background.
    """

    name: str
    pixels: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    targets: NDArray[np.float32]
    exact: bool = True
    unsure: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 4), np.float32))

    def __post_init__(self) -> None:
        if self.pixels.ndim != 2 or self.boxes.shape != (len(self.targets), 4):
            raise ValueError(f"{self.name}: shapes {self.pixels.shape}, {self.boxes.shape}")


def to_grey(image: Image) -> NDArray[np.uint8]:
    """Return (H, W) grey values of a (H, W, 3) BGR image."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def soft_label(emotion: Emotion | None, smoothing: float = 0.1) -> NDArray[np.float32]:
    """Return (7,) a label of which a share is spread over all emotions; NaN for None."""
    if emotion is None:
        return np.full(len(Emotion), np.nan, np.float32)
    label = np.full(len(Emotion), smoothing / len(Emotion), np.float32)
    label[emotion] += 1 - smoothing
    return label
