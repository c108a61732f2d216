from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from yolo_fer.errors import YoloFerError
from yolo_fer.faces import load_finder
from yolo_fer.faces.yunet import YuNet


def bright_cells(path: Path) -> Path:
    """Write a network with YuNet's outputs, for which each bright cell of 8 pixels is a face."""
    onnx = pytest.importorskip("onnx")
    from onnx import helper

    nodes, outputs, constants = [], [], []

    def constant(name: str, shape: list[int], value: float) -> str:
        values = np.full(shape, value, np.float32)
        constants.append(onnx.numpy_helper.from_array(values, name))
        return name

    def convolve(name: str, given: str, weights: str, stride: int) -> str:
        how = {"kernel_shape": [stride] * 2, "strides": [stride] * 2}
        nodes.append(helper.make_node("Conv", [given, weights], [name], **how))
        return name

    for stride in (8, 16, 32):
        brightness = 1 / (255 * 3 * stride**2) if stride == 8 else 0.0
        for kind, width in (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)):
            name = f"{kind}_{stride}"
            shape = [width, 3, stride, stride]
            weights = constant(f"w_{name}", shape, brightness if width == 1 else 0.0)
            maps = convolve(f"c_{name}", "input", weights, stride)
            nodes.append(helper.make_node("Transpose", [maps], [f"t_{name}"], perm=[0, 2, 3, 1]))
            constants.append(onnx.numpy_helper.from_array(np.array([1, -1, width]), f"s_{name}"))
            nodes.append(helper.make_node("Reshape", [f"t_{name}", f"s_{name}"], [name]))
            cells = [1, (320 // stride) ** 2, width]
            outputs.append(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, cells))
    given = helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, [1, 3, 320, 320])
    graph = helper.make_graph(nodes, "yunet", [given], outputs, constants)
    opset = [helper.make_opsetid("", 11)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=7), path)
    return path


def test_boxes_are_in_pixels_of_the_image_also_where_that_is_scaled_down(tmp_path):
    finder = YuNet(threads=1, network=bright_cells(tmp_path / "network.onnx"))
    small = np.zeros((320, 320, 3), np.uint8)
    small[80:88, 160:168] = 255
    large = np.repeat(np.repeat(small, 4, axis=0), 4, axis=1)

    in_small, in_large = finder.find([small, large])

    assert len(in_small.boxes) == 1
    assert in_small.scores[0] == pytest.approx(1, abs=0.01)
    assert np.abs(in_small.boxes[0] - [156, 76, 164, 84]).max() <= 8
    assert np.abs(in_large.boxes - in_small.boxes[0] * 4).max() <= 32


def test_no_face_gives_no_boxes(tmp_path):
    finder = YuNet(threads=1, network=bright_cells(tmp_path / "network.onnx"))

    (found,) = finder.find([np.zeros((70, 90, 3), np.uint8)])

    assert found.boxes.shape == (0, 4)
    assert found.scores.shape == (0,)


def test_without_the_network_the_message_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("YOLO_FER_CACHE", str(tmp_path))

    with pytest.raises(YoloFerError, match="yolo-fer weights get yunet"):
        load_finder("yunet")


def test_a_file_that_is_no_network_is_refused(tmp_path):
    (tmp_path / "yunet.onnx").write_bytes(b"nothing of the kind")

    with pytest.raises(YoloFerError, match="cannot be opened as YuNet"):
        YuNet(network=tmp_path / "yunet.onnx")
