from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.mtcnn_files import random_cascade
from tests.helpers.pictures import photograph
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.faces.mtcnn.cascade import Cascade

pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_cascade(tmp_path_factory.mktemp("cascade") / "any.onnx", EMOTION_NAMES)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 2), (19, 19), (20, 33)])
def test_an_image_of_any_shape_can_be_looked_at(untrained: Path, shape: tuple[int, int]) -> None:
    found = Cascade(untrained, threads=1).find(np.full((*shape, 3), 90, np.uint8))

    assert found.boxes.shape[1:] == (4,)
    assert found.emotions.shape == (len(found.boxes), 7)


def test_a_cascade_says_which_emotions_it_names(untrained: Path) -> None:
    cascade = Cascade(untrained, threads=1)

    named = cascade.name_faces(np.zeros((60, 60, 3), np.uint8), np.array([[5.0, 5, 50, 50]] * 3))

    assert cascade.names == EMOTION_NAMES
    assert named.shape == (3, 7)
    assert np.allclose(named.sum(axis=1), 1)


def test_a_file_says_how_much_its_networks_let_through(tmp_path: Path) -> None:
    image = photograph("bus.jpg")[:80, :100]  # a network with random weights lets all windows pass

    def cascade(*thresholds: float) -> Cascade:
        return Cascade(random_cascade(tmp_path / "any.onnx", thresholds=thresholds), threads=1)

    all_pass = cascade(0.01, 0.01)
    windows = all_pass.propose(image)
    refined = all_pass.refine(image, windows.boxes)
    middle = float(np.median(windows.scores))
    half = cascade(middle, 0.01).propose(image)

    assert (np.diff(windows.scores) <= 0).all()
    assert 0 < len(half.boxes) < len(windows.boxes)
    assert (half.scores >= middle).all()
    assert len(refined.boxes) == len(refined.scores) > 0
    assert not len(cascade(0.01, 1.0).refine(image, windows.boxes).boxes)


def test_a_file_with_damaged_thresholds_is_refused(tmp_path: Path) -> None:
    path = random_cascade(tmp_path / "damaged.onnx", thresholds=(0.1, 0.2, 0.3))

    with pytest.raises(YoloFerError, match=r"damaged\.onnx is damaged: its thresholds"):
        Cascade(path)


def test_a_network_that_is_no_cascade_is_refused(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    value = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Relu", ["x"], ["y"])],
        "g",
        [value],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])],
    )
    opset = [onnx.helper.make_opsetid("", 17)]
    model = onnx.helper.make_model(graph, opset_imports=opset, ir_version=9)
    onnx.save(model, tmp_path / "other.onnx")

    with pytest.raises(YoloFerError, match="not an MTCNN cascade"):
        Cascade(tmp_path / "other.onnx")


@pytest.mark.parametrize("threshold", [0, 1, -1.0])
def test_an_impossible_threshold_is_refused(untrained: Path, threshold: float) -> None:
    with pytest.raises(UsageError, match="threshold"):
        Cascade(untrained, threshold=threshold)
