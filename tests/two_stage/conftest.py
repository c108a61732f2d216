from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.drawn_crops import drawn_photograph
from yolo_fer.emotions import Emotion
from yolo_fer.faces.retinaface import RetinaFace


@pytest.fixture(scope="session")
def finder() -> RetinaFace:
    pytest.importorskip("onnxruntime")
    return RetinaFace(threads=1)


@pytest.fixture(scope="session")
def photograph() -> np.ndarray:
    return drawn_photograph(Emotion.HAPPINESS, 1, (110,))
