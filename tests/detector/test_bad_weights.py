"""Weights that cannot be used are an error that names the file, and run no code."""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest

from tests.helpers.graphs import raw_output, write_constant
from yolo_fer import Detector
from yolo_fer.errors import UsageError, YoloFerError

OUTPUT = raw_output(((80, 96, 160, 192), {3: 0.9}))


def assert_refused(weights: Path, *words: str, trust: bool = False) -> None:
    with pytest.raises(YoloFerError) as error:
        Detector(weights, trust_weights=trust)
    for word in (weights.name, *words):
        assert word in str(error.value)


@pytest.mark.parametrize("content", [b"", b"hello, I am a text file\n", b"\x08\x09 rubbish"])
@pytest.mark.parametrize("name", ["weights.onnx", "weights.pt"])
def test_a_file_of_something_else(tmp_path: Path, name: str, content: bytes) -> None:
    if name.endswith(".pt"):
        pytest.importorskip("ultralytics")
    path = tmp_path / name
    path.write_bytes(content)
    assert_refused(path)


def test_an_onnx_file_that_is_cut_short(tmp_path: Path) -> None:
    path = write_constant(tmp_path / "short.onnx", OUTPUT)
    path.write_bytes(path.read_bytes()[:-200])
    assert_refused(path)


def test_a_missing_file(tmp_path: Path) -> None:
    assert_refused(tmp_path / "missing.onnx")


def test_a_name_that_is_no_weights() -> None:
    with pytest.raises(YoloFerError, match="no-such-weights"):
        Detector("no-such-weights")


def test_a_kind_of_file_that_we_cannot_run(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(b"x")
    with pytest.raises(UsageError, match=r"\.onnx"):
        Detector(path)


@pytest.mark.parametrize("name", ["weights.torchscript", "weights.engine", "weights.mnn"])
def test_a_damaged_file_that_ultralytics_would_run(tmp_path: Path, name: str) -> None:
    pytest.importorskip("ultralytics")
    path = tmp_path / name
    path.write_bytes(b"x")
    assert_refused(path, trust=True)


@pytest.mark.parametrize(
    "name",
    [
        "a.torchscript", "a.engine", "a.pb", "a.mlpackage", "a_saved_model", "a_paddle_model",
        "a_executorch_model",
    ],
)  # fmt: skip
def test_a_format_that_can_hold_a_program_needs_trust(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"x")
    assert_refused(path, "trust_weights")


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


@pytest.mark.parametrize("domain", ["com.example.custom", "ai.onnx.contrib"])
def test_an_onnx_file_with_operators_of_somebody_else(tmp_path: Path, domain: str) -> None:
    path = write_constant(tmp_path / "custom.onnx", OUTPUT)
    model = onnx.load(path)
    model.graph.node[0].domain = domain
    model.opset_import.append(onnx.helper.make_opsetid(domain, 1))
    onnx.save(model, path)
    assert_refused(path, domain, trust=True)


def test_threads_cannot_be_set_where_the_runtime_has_no_word_for_them(tmp_path: Path) -> None:
    path = tmp_path / "weights.mnn"
    path.write_bytes(b"x")
    with pytest.raises(UsageError, match="threads"):
        Detector(path, threads=1)


def test_an_onnx_file_for_another_task(tmp_path: Path) -> None:
    path = write_constant(tmp_path / "seg.onnx", OUTPUT, metadata={"task": "segment"})
    assert_refused(path, "segment")


def test_an_onnx_file_without_class_names(tmp_path: Path) -> None:
    assert_refused(write_constant(tmp_path / "bare.onnx", OUTPUT, names=None), "class names")


def test_an_onnx_file_with_an_unknown_output(tmp_path: Path) -> None:
    path = write_constant(tmp_path / "odd.onnx", np.zeros((1, 5, 13)))
    assert_refused(path, "(1, 5, 13)")


@pytest.mark.parametrize(
    "damaged",
    [
        {"names": "__import__('os').system('false')"},
        {"names": "{0: 'anger'"},
        {"imgsz": "[320"},
        {"yolo_fer": "{'conf': 0.3}"},
        {"yolo_fer": '{"face_conf": 7}'},
        {"yolo_fer": "[]"},
    ],
)
def test_damaged_metadata(tmp_path: Path, damaged: dict[str, str]) -> None:
    assert_refused(write_constant(tmp_path / "d.onnx", OUTPUT, metadata=damaged), "metadata")


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


def test_a_checkpoint_for_another_task(shared: Path) -> None:
    pytest.importorskip("ultralytics")
    assert_refused(shared / "weights" / "yolo11n-seg.pt", "segment")


def test_plain_tensors_are_no_checkpoint(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("ultralytics")
    path = tmp_path / "state.pt"
    torch.save({"layer.weight": torch.zeros(3)}, path)
    assert_refused(path, "no network")


def test_an_openvino_folder_without_its_parts(tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    folder = tmp_path / "x_openvino_model"
    folder.mkdir()
    assert_refused(folder, ".xml")
    (folder / "x.xml").write_text("<net/>")
    with pytest.raises(YoloFerError, match=r"metadata\.yaml"):
        Detector(folder)
    (folder / "metadata.yaml").write_text("task: detect\nnames: {0: anger}\n")
    with pytest.raises(YoloFerError, match=r"x\.xml"):
        Detector(folder)


def test_metadata_that_stands_for_more_than_any_memory_holds_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    folder = tmp_path / "x_openvino_model"
    folder.mkdir()
    (folder / "x.xml").write_text("<net/>")
    lists = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lists += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (folder / "metadata.yaml").write_text("\n".join(lists) + "\n")
    assert_refused(folder, "write it out")


@pytest.mark.parametrize(
    ("names", "hint"),
    [
        ({0: "anger", 2: "fear"}, "numbered from 0"),
        ({1: "anger", 2: "fear"}, "numbered from 0"),
    ],
)
def test_classes_that_are_not_numbered_from_0_on_are_refused(
    tmp_path: Path, names: dict[int, str], hint: str
) -> None:
    path = tmp_path / "x.onnx"
    write_constant(path, raw_output(classes=2), metadata={"names": repr(names)}, names=None)
    assert_refused(path, hint)


def test_an_input_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    path = write_constant(tmp_path / "x.onnx", raw_output(), size=("heigXt", "width"))
    path.write_bytes(path.read_bytes().replace(b"heigXt", b"heig\xe8t"))
    assert_refused(path, "cannot be opened")
