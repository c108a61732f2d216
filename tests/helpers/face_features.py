"""A network as one of face recognition, with random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

pytest.importorskip("torch")


def write_face_features(path: Path) -> Path:
    """Write a MobileNet of random weights, laid out as the real one: 16 bits, norms behind."""
    from tools.shipping.face_features import FaceFeatures

    rng = np.random.default_rng(0)
    nodes, weights, value = [], [], "x"

    def constant(name: str, array: np.ndarray) -> str:
        weights.append(numpy_helper.from_array(array.astype(np.float16), f"{name}_half"))
        nodes.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
        return name

    def then(kind: str, *inputs: str, **attributes: object) -> None:
        nonlocal value
        output = f"{kind}{len(nodes)}"
        nodes.append(helper.make_node(kind, [value, *inputs], [output], **attributes))
        value = output

    for number, unit in enumerate(FaceFeatures().layers):
        convolution = unit.conv
        shape = tuple(convolution.weight.shape)
        kernel = rng.normal(0, (2 / np.prod(shape[1:])) ** 0.5, shape)
        kernel = kernel / 128 if number == 0 else kernel  # of pixels from 0 to 255
        then(
            "Conv",
            constant(f"kernel{number}", kernel),
            auto_pad="SAME_UPPER",
            kernel_shape=list(shape[2:]),
            strides=list(convolution.stride),
            group=convolution.groups,
        )
        maps = (1, shape[0], 1, 1)
        then("Mul", constant(f"factor{number}", rng.uniform(0.8, 1.25, maps)))
        then("Add", constant(f"shift{number}", rng.normal(0, 0.2, maps)))
        then("Relu")
        then("Min", constant(f"six{number}", np.array(6)))
    then("ReduceMean", axes=[2, 3], keepdims=0)
    size = ["n", 3, "h", "w"]
    graph = helper.make_graph(
        nodes,
        "features",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, size)],
        [helper.make_tensor_value_info(value, TensorProto.FLOAT, ["n", 1024])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, path)
    return path
