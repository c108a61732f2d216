from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.graphs import raw_output, write_constant
from yolo_fer.detector import Detector

FACE = ((80, 96, 160, 192), {3: 0.9, 6: 0.2})


@pytest.fixture(scope="package")
def one_face(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights that find the same happy face in every image of 320 by 320 pixels."""
    return write_constant(tmp_path_factory.mktemp("weights") / "one.onnx", raw_output(FACE))


@pytest.fixture(scope="package")
def detector(one_face: Path) -> Detector:
    return Detector(one_face, threads=1)
