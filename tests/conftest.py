from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.helpers.raw_expw import RawExpw


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


@pytest.fixture(scope="session")
def meter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier of crops that names a face by how bright it is."""
    from tests.helpers.meters import write_brightness_meter

    return write_brightness_meter(tmp_path_factory.mktemp("weights") / "meter.onnx")


@pytest.fixture
def weights_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of weights, and no network from which it could be filled."""
    folder = tmp_path / "cache"
    folder.mkdir()
    monkeypatch.setenv("YOLO_FER_CACHE", str(folder))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    return folder


@pytest.fixture
def shipped_tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shipped weights with a network in both formats, a classifier and a card."""
    from yolo_fer.weights import shipped, store

    folder = tmp_path / "shipped"
    folder.mkdir()
    sums = []
    for name in ("tiny.pt", "tiny.onnx", "tiny.md", "tiny-classifier.onnx"):
        data = name.encode() * 100
        (folder / name).write_bytes(data)
        sums.append(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
    (folder / "SHA256SUMS").write_text("".join(sums))
    for module in (store, shipped):
        monkeypatch.setattr(module, "shipped_folder", lambda: folder)
    return folder
