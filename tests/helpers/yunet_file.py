"""A network with the form of YuNet, whose answer is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest


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
