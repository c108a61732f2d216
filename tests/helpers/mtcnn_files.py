"""MTCNN cascades for tests: the real one if its weights are here, and one with random weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.errors import YoloFerError
from yolo_fer.faces.mtcnn.cascade import DEFAULT_THRESHOLDS
from yolo_fer.faces.mtcnn.mtcnn_finder import cascade_file


def real_cascade() -> Path:
    try:
        return cascade_file()
    except YoloFerError as error:
        pytest.skip(f"MTCNN's weights are not here: {error}")


def random_cascade(
    path: Path, names: tuple[str, ...] = (), thresholds: tuple[float, ...] = DEFAULT_THRESHOLDS
) -> Path:
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnx")
    from yolo_fer.faces.mtcnn.networks import ONet, PNet, RNet, export_cascade

    torch.manual_seed(0)
    export_cascade((PNet(), RNet(), ONet()), path, names, thresholds)
    return path
