"""Weights that a detector refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.graphs import raw_output
from yolo_fer import Detector
from yolo_fer.errors import YoloFerError

FACE, ELSEWHERE = (100, 100, 200, 200), (20, 20, 60, 60)
RAW = raw_output((FACE, {3: 0.9}))


def rt_detr_output(classes: int) -> np.ndarray:
    """(1, 300, 4 + classes): normalised centres and sizes, then a score for each class."""
    return np.random.default_rng(0).uniform(0.05, 0.95, (1, 300, 4 + classes)).astype(np.float32)


def assert_refused(weights: Path, *words: str, trust: bool = False) -> None:
    with pytest.raises(YoloFerError) as error:
        Detector(weights, trust_weights=trust)
    for word in (weights.name, *words):
        assert word in str(error.value)


def refused(path: Path) -> str:
    """Return what a detector says of weights, which names their file."""
    with pytest.raises(YoloFerError) as error:
        Detector(path)
    assert path.name in str(error.value)
    return str(error.value)
