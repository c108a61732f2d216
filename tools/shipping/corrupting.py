"""What happens to pictures between a face and a network, and leaves the expression readable."""

from __future__ import annotations

import math
import random

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]


def relight(grey: Grey, rng: random.Random, noise: np.random.Generator) -> Grey:
    """Change gamma, contrast and brightness, and add noise, each at times."""
    values = grey.astype(np.float32)
    if rng.random() < 0.8:
        gamma, contrast = math.exp(rng.uniform(-0.4, 0.4)), math.exp(rng.uniform(-0.35, 0.35))
        values = 255 * np.power(values / 255, gamma)
        values = (values - 128) * contrast + 128 + rng.uniform(-30, 30)
    if rng.random() < 0.3:
        values += noise.normal(0, rng.uniform(2, 10), values.shape).astype(np.float32)
    return np.clip(values, 0, 255).astype(np.uint8)


def coarsen(grey: Grey, face_side: float, rng: random.Random) -> Grey:
    """Take detail away at times, down to that of FER2013's faces of 48 pixels and less.

    Args:
        grey: (H, W).
        face_side: of the face in it, in pixels.
        rng: decides.
    """
    height, width = grey.shape
    dice = rng.random()
    if dice < 0.45:
        scale = rng.uniform(28, 80) / max(face_side, 1)
        if scale < 1:
            small = (max(2, int(width * scale)), max(2, int(height * scale)))
            back = rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC])
            coarse = cv2.resize(grey, small, interpolation=cv2.INTER_AREA)
            grey = np.asarray(cv2.resize(coarse, (width, height), interpolation=back), np.uint8)
    elif dice < 0.53:
        grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.5, 1.5)), np.uint8)
    return grey


def cover(grey: Grey, left: float, top: float, side: float, rng: random.Random) -> None:
    """Cover a part of a face by a plain rectangle at times, in place."""
    if rng.random() >= 0.15:
        return
    width, height = (int(side * rng.uniform(0.12, 0.35)) for _ in range(2))
    x = max(0, int(left + rng.random() * (side - width)))
    y = max(0, int(top + rng.random() * (side - height)))
    grey[y : y + height, x : x + width] = rng.randrange(256)
