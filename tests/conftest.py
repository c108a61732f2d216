from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.raw_expw import RawExpw

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture
def raw(tmp_path: Path) -> RawExpw:
    return RawExpw(tmp_path / "raw")


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder per emotion that a classifier can learn from."""
    from tests.helpers.trained import write_faces

    return write_faces(tmp_path_factory.mktemp("faces"))


@pytest.fixture(scope="session")
def trained(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of a training long enough to learn something."""
    from tests.helpers.trained import choice_of
    from yolo_fer.train.classifier.run import train_classifier
    from yolo_fer.train.classifier.training import Schedule

    out = tmp_path_factory.mktemp("trained") / "run"
    schedule = Schedule(epochs=12, batch=12, rate=3e-3, decay=0.0, patience=12)
    return train_classifier(choice_of(faces, schedule=schedule), out=out, device="cpu")


@pytest.fixture
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the research data in ../shared/data is not here")
    return SHARED
