"""Trained classifiers as ONNX files that say what they are."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from yolo_fer.detector.network import OWN_KEY
from yolo_fer.errors import needs_extra
from yolo_fer.files import write_atomically
from yolo_fer.two_stage.classifier import Description

_OPSET = 17
_WORTH_HALVING = 64  # numbers; smaller tensors are biases, whose rounding is not worth the bytes


class _WithProbabilities(nn.Module):  # type: ignore[misc]  # PyTorch is not typed for us
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        return self.network(images).softmax(1)


def write_onnx(network: nn.Module, description: Description, path: Path) -> None:
    """Write a network with probabilities as its output, for batches of any size.

    Weights are stored in 16 bits and computed with in 32: ONNX Runtime converts them when it opens
    the file, so that it is half as large and as fast as ever.

    Args:
        network: gives logits; it is put into evaluation mode.
        description: what the file says about itself.
        path: the path of the .onnx file.

    Raises:
        MissingExtraError: if the package onnx is not installed.
    """
    with needs_extra("train", "writing a classifier"):
        import onnx
    wrapped = _WithProbabilities(network.cpu().float()).eval()
    example = torch.zeros(1, description.channels, description.size, description.size)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they praise the other exporter, which needs onnxscript
        plain = Path(folder) / "plain.onnx"
        torch.onnx.export(
            wrapped,
            (example,),
            plain,
            opset_version=_OPSET,
            input_names=["faces"],
            output_names=["probabilities"],
            dynamic_axes={"faces": {0: "batch"}, "probabilities": {0: "batch"}},
            dynamo=False,
        )
        model = onnx.load(plain)
    _halve(model.graph)
    onnx.helper.set_model_props(model, {OWN_KEY: description.to_json()})
    write_atomically(path, model.SerializeToString())


def _halve(graph: Any) -> None:
    """Store the weights in 16 bits, each behind a cast to 32; but for those above 65,504."""
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _WORTH_HALVING or values.ndim < 2:
            continue
        with np.errstate(over="ignore"):
            halves = values.astype(np.float16)
        if not np.isfinite(halves).all():
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(halves, f"{name}.fp16"))
        casts.append(helper.make_node("Cast", [tensor.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
