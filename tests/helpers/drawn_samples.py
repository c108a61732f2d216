"""Samples with none, one or two faces, and with names of every kind."""

from __future__ import annotations

from yolo_fer.dataset.samples import Box, Face, Sample
from yolo_fer.emotions import Emotion


def sample(*faces: Face, width: int = 200, height: int = 100) -> Sample:
    return Sample("n", "drawn", "n.jpg", "0" * 64, None, width, height, faces, "g", "train")


SAMPLES = {
    "images/train/two.jpg": sample(
        Face(Box(10, 20, 60.25, 80.5), Emotion.FEAR), Face(Box(100, 0, 200, 100), Emotion.NEUTRAL)
    ),
    "images/train/none.jpg": sample(),
    "images/train/unlabelled only.jpg": sample(Face(Box(1, 2, 3, 4), None)),
    "images/train/no utf-8 \udcff.jpg": sample(Face(Box(1, 2, 3, 4), Emotion.SADNESS)),
    "images/train/größe.jpg": sample(
        Face(Box(5, 5, 45, 45), Emotion.ANGER), Face(Box(50, 5, 90, 45), None), width=640
    ),
}
