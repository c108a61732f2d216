from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def yolo11(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random YOLO11n checkpoint."""
    from tests.helpers.networks import write_checkpoint

    return write_checkpoint(tmp_path_factory.mktemp("yolo11") / "yolo11n.pt", "yolo11n")
