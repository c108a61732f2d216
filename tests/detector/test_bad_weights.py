"""Weights that cannot be used are an error that names the file, and run no code."""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path

import pytest

from tests.helpers.refused import assert_refused
from tests.helpers.research_data import research_data
from yolo_fer import Detector
from yolo_fer.errors import YoloFerError


@pytest.mark.parametrize("content", [b"", b"hello, I am a text file\n", b"\x08\x09 rubbish"])
@pytest.mark.parametrize("name", ["weights.onnx", "weights.pt"])
def test_a_file_of_something_else(tmp_path: Path, name: str, content: bytes) -> None:
    if name.endswith(".pt"):
        pytest.importorskip("ultralytics")
    path = tmp_path / name
    path.write_bytes(content)
    assert_refused(path)


def test_a_missing_file(tmp_path: Path) -> None:
    assert_refused(tmp_path / "missing.onnx")


def test_a_name_that_is_no_weights() -> None:
    with pytest.raises(YoloFerError, match="no-such-weights"):
        Detector("no-such-weights")


def test_a_torchscript_program_does_not_run_unless_it_is_trusted(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    trace = tmp_path / "it-ran"

    source = f"def forward(self, x):\n    return torch.from_file({str(trace)!r}, True, 4)\n"
    module = torch.jit.ScriptModule()
    module.define(source)
    for name in ("evil.torchscript", "evil.pt"):
        module.save(str(tmp_path / name))
        assert_refused(tmp_path / name, "trust_weights")
    assert not trace.exists()


class Malicious:
    """Unpickling it makes a folder."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.trace),)


@pytest.mark.parametrize("form", ["torch", "pickle"])
def test_a_malicious_checkpoint_runs_nothing_unless_it_is_trusted(
    tmp_path: Path, form: str
) -> None:
    pytest.importorskip("ultralytics")
    import torch

    path, trace = tmp_path / "evil.pt", tmp_path / "it-ran"
    payload = {"model": Malicious(trace)}
    if form == "torch":
        torch.save(payload, path)
    else:
        path.write_bytes(pickle.dumps(payload))
    assert_refused(path, "trust_weights")
    assert not trace.exists()
    assert_refused(path, trust=True)  # still no network
    assert trace.exists()


def test_a_checkpoint_that_is_cut_short(yolo11: Path, tmp_path: Path) -> None:
    path = tmp_path / "short.pt"
    data = yolo11.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert_refused(path, "cut short")


def test_a_checkpoint_with_a_damaged_record(yolo11: Path, tmp_path: Path) -> None:
    path = tmp_path / "damaged.pt"
    with zipfile.ZipFile(yolo11) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, b"rubbish" if name.endswith("data.pkl") else source.read(name))
    assert_refused(path)


def test_a_checkpoint_for_another_task() -> None:
    pytest.importorskip("ultralytics")
    assert_refused(research_data("weights/yolo11n-seg.pt"), "segment")


def test_plain_tensors_are_no_checkpoint(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("ultralytics")
    path = tmp_path / "state.pt"
    torch.save({"layer.weight": torch.zeros(3)}, path)
    assert_refused(path, "no network")
