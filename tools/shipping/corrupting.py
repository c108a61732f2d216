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


def shade(grey: Grey, rng: random.Random) -> Grey:
    """Light a picture from one side at times, and leave the other in the dark."""
    if rng.random() >= 0.15:
        return grey
    height, width = grey.shape
    angle, strength = rng.uniform(0, 2 * math.pi), rng.uniform(0.3, 1.2)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    along = (x / width - 0.5) * math.cos(angle) + (y / height - 0.5) * math.sin(angle)
    return np.asarray(np.clip(grey * np.exp(strength * along), 0, 255), np.uint8)


def refocus(grey: Grey, face_side: float, rng: random.Random) -> Grey:
    """Take detail away at times, or make what is there sharper, and compress at times.

    Faces of the datasets are at most 100 pixels wide: enlarged they are blurred, and a photograph
    of one face is not. A network that sees only blurred large faces reads sharp ones worse.

    Args:
        grey: (H, W).
        face_side: of the face in it, in pixels.
        rng: decides.
    """
    height, width = grey.shape
    dice, unit = rng.random(), max(1.0, face_side / 100)
    if dice < 0.4:
        scale = rng.uniform(24, 90) / max(face_side, 1)
        if scale < 1:
            small = (max(4, int(width * scale)), max(4, int(height * scale)))
            back = rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC])
            coarse = cv2.resize(grey, small, interpolation=cv2.INTER_AREA)
            grey = np.asarray(cv2.resize(coarse, (width, height), interpolation=back), np.uint8)
    elif dice < 0.5:
        grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.5, 1.5) * unit), np.uint8)
    elif dice < 0.72:
        blurred = cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.8, 2.0) * unit)
        amount = rng.uniform(0.4, 1.8)
        grey = np.asarray(cv2.addWeighted(grey, 1 + amount, blurred, -amount, 0), np.uint8)
    if rng.random() < 0.12:
        quality = [cv2.IMWRITE_JPEG_QUALITY, rng.randint(25, 75)]
        encoded = cv2.imencode(".jpg", grey, quality)[1]
        grey = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE), np.uint8)
    return grey


def cover(grey: Grey, left: float, top: float, side: float, rng: random.Random) -> None:
    """Cover a part of a face by a plain rectangle at times, in place."""
    if rng.random() >= 0.15:
        return
    width, height = (int(side * rng.uniform(0.12, 0.35)) for _ in range(2))
    x = max(0, int(left + rng.random() * (side - width)))
    y = max(0, int(top + rng.random() * (side - height)))
    grey[y : y + height, x : x + width] = rng.randrange(256)
