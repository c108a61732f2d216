"""A folder per emotion that a network learns within seconds, and trainings on it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from yolo_fer.emotions import Emotion
from yolo_fer.images import Image
from yolo_fer.train.classifier.run import TrainingChoice
from yolo_fer.train.classifier.training import Schedule

SCHEDULE = Schedule(epochs=3, batch=28, rate=3e-3, decay=0.0, patience=10)


def stripes(emotion: Emotion, seed: int, side: int = 48) -> Image:
    """A grey picture that means an emotion by how many stripes it has."""
    rng = np.random.default_rng(seed)
    waves = np.sin(2 * np.pi * ((emotion + 1) * np.arange(side) / side + rng.random()))
    clouds = cv2.resize(rng.uniform(-60, 60, (5, 5)), (side, side), interpolation=cv2.INTER_CUBIC)
    grey = np.clip(128 + 60 * waves[:, None] + clouds, 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)


def write_faces(root: Path, each: int = 20, leave_out: Emotion | None = None) -> Path:
    for emotion in Emotion:
        for number in range(0 if emotion is leave_out else each):
            folder = root / ("test", "val", "train", "train", "train")[number % 5] / emotion.label
            folder.mkdir(parents=True, exist_ok=True)
            seed = 100 * emotion + number
            cv2.imwrite(str(folder / f"{number}.png"), stripes(emotion, seed))
    return root


def choice_of(data: Path, arch: str = "compact-resnet", **changes: object) -> TrainingChoice:
    choice = TrainingChoice(
        arch=arch,
        data=data,
        ferplus=None,
        group_by=None,
        contempt=False,
        size=32,
        margin=1.0,
        start="none",
        schedule=SCHEDULE,
    )
    return replace(choice, **changes)
