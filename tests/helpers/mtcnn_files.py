"""MTCNN cascades for tests: the real one if its weights are here, and one with random weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.errors import YoloFerError
from yolo_fer.faces.mtcnn.cascade import DEFAULT_THRESHOLDS
from yolo_fer.faces.mtcnn.mtcnn_finder import PARTS, cascade_file


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


def random_parts(folder: Path) -> dict[str, Path]:
    """Files such as facenet-pytorch's, with random weights."""
    torch = pytest.importorskip("torch")
    from yolo_fer.faces.mtcnn.networks import ONet, PNet, RNet

    torch.manual_seed(0)
    files = {part: folder / f"{part}.pt" for part in PARTS}
    for network, path in zip((PNet(), RNet(), ONet()), files.values(), strict=True):
        state = network.state_dict()
        torch.save({key: state[key] for key in state if not key.startswith("emotion.")}, path)
    return files
