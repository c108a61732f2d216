from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer import Detector


@pytest.fixture(scope="session")
def yolo11(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random YOLO11n checkpoint."""
    from tests.helpers.networks import write_checkpoint

    return write_checkpoint(tmp_path_factory.mktemp("yolo11") / "yolo11n.pt", "yolo11n")


@pytest.fixture
def detector(tmp_path: Path) -> Detector:
    """Its scores of a face are the means of red, green and blue."""
    from tests.helpers.graphs import write_colour_meter

    return Detector(write_colour_meter(tmp_path / "meter.onnx"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of a picture of two colours."""
    from tests.helpers.coloured import PNG

    target = tmp_path / "gesicht mit ümläut.png"
    target.write_bytes(PNG)
    return target
