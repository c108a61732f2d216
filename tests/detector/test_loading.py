"""The name of a file tells which runtime it needs."""

from __future__ import annotations

from pathlib import Path

import onnxruntime
import pytest

from tests.helpers.graphs import raw_output, write_constant
from yolo_fer import Detector
from yolo_fer.detector.loading import load_network, runs_on_gpu
from yolo_fer.errors import UsageError


def test_a_kind_of_file_that_we_cannot_run(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(b"x")
    with pytest.raises(UsageError, match=r"\.onnx"):
        Detector(path)


@pytest.mark.parametrize("device", ["gpu", "cuda:x", "cpu:0", ""])
def test_an_unknown_device_lists_the_known_ones(tmp_path: Path, device: str) -> None:
    path = write_constant(tmp_path / "one.onnx", raw_output())
    with pytest.raises(UsageError, match=r"auto, cpu, cuda and cuda:N"):
        load_network(path, device, None, False)


def test_no_thread_cannot_run_a_network(tmp_path: Path) -> None:
    path = write_constant(tmp_path / "one.onnx", raw_output())
    with pytest.raises(UsageError, match="at least 1, not 0"):
        load_network(path, "cpu", 0, False)


@pytest.mark.parametrize("device", ["auto", "CPU", " cpu "])
def test_letter_case_and_spaces_of_a_device_do_not_matter(tmp_path: Path, device: str) -> None:
    path = write_constant(tmp_path / "ONE.ONNX", raw_output(((80, 96, 160, 192), {3: 0.9})))
    network = load_network(path, device, 1, False)
    assert [*network.metadata.names.values()][3] == "happiness"


@pytest.mark.parametrize(
    ("name", "where"),
    [("a.onnx", "onnx"), ("yolo-fer-n", "onnx"), ("a.pt", "torch"), ("a.torchscript", None)],
)
def test_each_runtime_has_its_own_auto(
    name: str, where: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch")
    for has_gpu in ("onnx", "torch"):
        found = ["CUDAExecutionProvider"] if has_gpu == "onnx" else ["CPUExecutionProvider"]
        monkeypatch.setattr(onnxruntime, "get_available_providers", lambda found=found: found)
        monkeypatch.setattr(torch.cuda, "is_available", lambda here=has_gpu: here == "torch")
        assert runs_on_gpu(Path(name), "auto") == (has_gpu == where)
        assert runs_on_gpu(Path(name), "0")
        assert not runs_on_gpu(Path(name), "cpu")
