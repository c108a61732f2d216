"""Tiny classifiers whose answer is known, in the form that `train-classifier` writes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from yolo_fer.detector.network import OWN_KEY
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.two_stage.classifier import Description

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402


def write_brightness_meter(
    path: Path,
    names: Sequence[str] = EMOTION_NAMES,
    *,
    margin: float = 1.0,
    size: int = 8,
    steepness: float = 30.0,
) -> Path:
    """A classifier that says the first class of dark crops and the last of bright ones.

    Class i of C stands for a brightness of i / (C - 1), and the others fall off around it.
    """
    levels = np.linspace(0, 1, len(names), dtype=np.float32)
    # softmax of -k (x - level)²; the x² is the same for all classes
    weights = (2 * steepness * levels)[None]
    initialisers = [
        numpy_helper.from_array(weights.astype(np.float32), "weights"),
        numpy_helper.from_array((-steepness * levels**2).astype(np.float32), "bias"),
    ]
    nodes = [
        helper.make_node("GlobalAveragePool", ["face"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["level"]),
        helper.make_node("Gemm", ["level", "weights", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    face = helper.make_tensor_value_info("face", TensorProto.FLOAT, ["batch", 1, size, size])
    result = helper.make_tensor_value_info(
        "probabilities", TensorProto.FLOAT, ["batch", len(names)]
    )
    graph = helper.make_graph(nodes, "classifier", [face], [result], initialisers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    description = Description("meter", size, 1, (0.0,), (1.0,), margin, tuple(names))
    helper.set_model_props(model, {OWN_KEY: description.to_json()})
    onnx.save(model, str(path))
    return path
