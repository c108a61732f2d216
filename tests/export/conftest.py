from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from yolo_fer.export.verify import drawn_images
from yolo_fer.weights.store import default_detector


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped checkpoint, in a folder of its own: exports go beside it."""
    pytest.importorskip("ultralytics")
    source = default_detector().with_suffix(".pt")
    target = tmp_path_factory.mktemp("trained") / "faces.pt"
    target.write_bytes(source.read_bytes())
    return target


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of drawn scenes that no test compares on."""
    folder = tmp_path_factory.mktemp("pictures")
    for number, image in enumerate(drawn_images(40, seed=99)):
        cv2.imwrite(str(folder / f"{number}.jpg"), image)
    return folder
