from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.trained import choice_of, write_faces
from yolo_fer.train.classifier.run import train_classifier
from yolo_fer.train.classifier.training import Schedule


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_faces(tmp_path_factory.mktemp("faces"))


@pytest.fixture(scope="session")
def trained(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of a training long enough to learn something."""
    out = tmp_path_factory.mktemp("trained") / "run"
    schedule = Schedule(epochs=12, batch=12, rate=3e-3, decay=0.0, patience=12)
    return train_classifier(choice_of(faces, schedule=schedule), out=out, device="cpu")
