"""Frames whose number their grey tells."""

from __future__ import annotations

import numpy as np

from yolo_fer.images import Image
from yolo_fer.inputs.video import VideoFile


def pictures(count: int, width: int = 96, height: int = 64) -> list[Image]:
    """Grey that tells its index, with a red corner at the top left."""
    images = []
    for index in range(count):
        image = np.full((height, width, 3), 40 + 6 * index, np.uint8)
        image[:24, :32] = (0, 0, 255)
        images.append(image)
    return images


def shades(video: VideoFile) -> list[int]:
    return [round((float(f.image[40:60, 40:60].mean()) - 39) / 6) for f in video.frames()]


def noisy(count: int) -> list[Image]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (64, 96, 3), dtype=np.uint8) for _ in range(count)]
