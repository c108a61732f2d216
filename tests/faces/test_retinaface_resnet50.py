from __future__ import annotations

import os
import sys
import warnings
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Never

import numpy as np
import pytest

from yolo_fer.errors import YoloFerError
from yolo_fer.faces import load_finder
from yolo_fer.faces.retinaface_resnet50 import WEIGHTS, RetinaFaceResNet50
from yolo_fer.weights import store as weights

onnx = pytest.importorskip("onnx")
pytest.importorskip("gdown")
try:
    metadata.version("retina-face")
except metadata.PackageNotFoundError:
    pytest.skip("retina-face is not installed", allow_module_level=True)


def tiny_network() -> bytes:
    """A graph with the nine outputs of the real one, that sees one face in any bright image.

    At stride 32 the cell in row 1, column 2 scores as the brightest pixel does; its second anchor
    is 256 pixels wide at the scale of the network.
    """
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    nodes = [
        helper.make_node("ReduceMax", ["image"], ["brightest"], keepdims=0),
        helper.make_node("Mul", ["brightest", "scale"], ["score"]),
    ]
    constants = [onnx.numpy_helper.from_array(np.float32(0.99 / 255), "scale")]
    outputs = []
    for stride in (32, 16, 8):
        for head, channels in (("cls", 4), ("box", 8), ("landmark", 20)):
            name = f"{head}{stride}"
            values = np.zeros((1, 6, 6, channels), np.float32)
            if name == "cls32":
                values[0, 1, 2, 3] = 1  # after two "no face" channels, the second anchor's face
            constants.append(onnx.numpy_helper.from_array(values, f"{name}_constant"))
            nodes.append(helper.make_node("Mul", [f"{name}_constant", "score"], [name]))
            outputs.append(helper.make_tensor_value_info(name, kind, [1, 6, 6, channels]))
    image = helper.make_tensor_value_info("image", kind, ["n", "h", "w", 3])
    graph = helper.make_graph(nodes, "tiny", [image], outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return model.SerializeToString()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YOLO_FER_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def with_network(cache: Path) -> Path:
    (cache / weights.get_entry(WEIGHTS).file).write_bytes(tiny_network())
    weights.fetch(WEIGHTS)  # nothing to fetch: records the hash of what was put there by hand
    return cache


def test_it_finds_the_faces_that_the_network_sees(with_network: Path) -> None:
    finder = load_finder("retinaface-resnet50", threads=1)
    bright = np.full((512, 700, 3), 255, np.uint8)
    dark = np.zeros((512, 700, 3), np.uint8)

    found = finder.find([dark, bright])

    assert len(found[0].boxes) == 0
    # 512 pixels are scaled up to 1024: the anchor (64 - 120, 32 - 120, ...) is halved and clipped
    assert found[1].boxes.tolist() == [[0, 0, 99, 83]]
    assert found[1].scores == pytest.approx([0.99])


@pytest.mark.parametrize("shape", [(1, 1), (1, 6000), (6000, 1)])
def test_a_picture_of_any_shape_works(with_network: Path, shape: tuple[int, int]) -> None:
    finder = RetinaFaceResNet50(threads=1)

    (found,) = finder.find([np.zeros((*shape, 3), np.uint8)])

    assert found.boxes.shape == (0, 4)


def test_it_says_the_hash_of_the_weights_that_it_loaded(with_network: Path) -> None:
    finder = RetinaFaceResNet50(threads=1)

    assert finder.weights_sha256 == weights.recorded_sha256(weights.resolve(WEIGHTS))


def test_it_works_and_leaves_no_trace_whoever_owns_the_package_name(
    with_network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = ModuleType("retinaface")
    monkeypatch.setitem(sys.modules, "retinaface", stranger)
    monkeypatch.setenv("DEEPFACE_BACKEND_ENGINE", "tensorflow")
    filters = list(warnings.filters)

    RetinaFaceResNet50(threads=1)

    assert sys.modules["retinaface"] is stranger
    assert not [name for name in sys.modules if name.startswith("retinaface.")]
    assert os.environ["DEEPFACE_BACKEND_ENGINE"] == "tensorflow"
    assert warnings.filters == filters


def test_an_unset_backend_stays_unset(with_network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEEPFACE_BACKEND_ENGINE", raising=False)

    RetinaFaceResNet50(threads=1)

    assert "DEEPFACE_BACKEND_ENGINE" not in os.environ


def test_without_its_weights_it_says_the_command_the_address_and_the_place(cache: Path) -> None:
    with pytest.raises(YoloFerError) as raised:
        RetinaFaceResNet50()

    message = str(raised.value)
    assert "yolo-fer weights get retinaface-resnet50" in message
    assert "https://github.com/serengil/deepface_models/releases/download/v1.0/" in message
    assert str(cache / "retinaface-resnet50.onnx") in message


def test_weights_that_changed_after_they_were_recorded_are_refused(with_network: Path) -> None:
    path = with_network / "retinaface-resnet50.onnx"
    path.write_bytes(path.read_bytes() + b"\0")

    with pytest.raises(YoloFerError, match="wrong hash"):
        RetinaFaceResNet50()


def test_without_the_package_it_says_how_to_install_it_without_a_second_opencv(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def not_installed(name: str) -> Never:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", not_installed)

    with pytest.raises(YoloFerError, match="overwrite cv2") as raised:
        RetinaFaceResNet50()

    assert "pip install --no-deps retina-face==0.0.19" in str(raised.value)
