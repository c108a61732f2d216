"""Hand-built ONNX networks whose answer is known, in the form that Ultralytics exports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

EMOTIONS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")


def raw_output(*faces: tuple[Sequence[float], Mapping[int, float]], classes: int = 7) -> np.ndarray:
    """(1, 4 + classes, N) from corner boxes and the scores of some class ids."""
    columns = np.zeros((1, 4 + classes, len(faces)), np.float32)
    for column, ((x1, y1, x2, y2), scores) in enumerate(faces):
        columns[0, :4, column] = ((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1)
        for class_id, score in scores.items():
            columns[0, 4 + class_id, column] = score
    return columns


def end_to_end_output(*rows: Sequence[float], size: int = 20) -> np.ndarray:
    """(1, size, 6) rows of x1, y1, x2, y2, score, class id; the rest is zero."""
    output = np.zeros((1, size, 6), np.float32)
    for number, row in enumerate(rows):
        output[0, number] = row
    return output


def write_constant(
    path: Path,
    output: np.ndarray,
    *,
    names: Sequence[str] | None = EMOTIONS,
    size: tuple[int | str, int | str] = ("height", "width"),
    imgsz: int = 320,
    metadata: Mapping[str, str] | None = None,
) -> Path:
    """A network that gives the same output for every image."""
    constant = numpy_helper.from_array(output.astype(np.float32), "answer")
    node = helper.make_node("Identity", ["answer"], ["output0"])
    return _write(path, [node], [constant], output.shape, names, size, imgsz, metadata)


def write_colour_meter(path: Path, *, imgsz: int = 320, batch: int | str = 1) -> Path:
    """A network that finds one face, and scores anger, disgust and fear with the means of R, G, B.

    The face's box is the middle half of a 320 by 320 input. The network takes `batch` images at
    once; a word stands for any number.
    """
    rows = np.zeros((11, 3), np.float32)
    rows[4:7] = np.eye(3)
    box = np.zeros((11, 1), np.float32)
    box[:4] = 160
    constants = [
        numpy_helper.from_array(rows, "rows"),
        numpy_helper.from_array(box, "box"),
        numpy_helper.from_array(np.array([-1, 3, 1], np.int64), "shape"),
    ]
    nodes = [
        helper.make_node("GlobalAveragePool", ["images"], ["means"]),
        helper.make_node("Reshape", ["means", "shape"], ["three"]),
        helper.make_node("MatMul", ["rows", "three"], ["scores"]),
        helper.make_node("Add", ["scores", "box"], ["output0"]),
    ]
    size = (imgsz, imgsz)
    return _write(path, nodes, constants, (batch, 11, 1), EMOTIONS, size, imgsz, None)


def _write(
    path: Path,
    nodes: Sequence[Any],
    initialisers: Sequence[Any],
    output_shape: Sequence[int | str],
    names: Sequence[str] | None,
    size: tuple[int | str, int | str],
    imgsz: int,
    metadata: Mapping[str, str] | None,
) -> Path:
    batch = output_shape[0] if len(output_shape) == 3 else 1  # odd shapes say nothing of the input
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, [batch, 3, *size])
    output0 = helper.make_tensor_value_info("output0", TensorProto.FLOAT, output_shape)
    graph = helper.make_graph(nodes, "detector", [images], [output0], initialisers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    properties = {"task": "detect", "stride": "32", "imgsz": str([imgsz, imgsz])}
    if names is not None:
        properties["names"] = str(dict(enumerate(names)))
    helper.set_model_props(model, properties | dict(metadata or {}))
    onnx.save(model, str(path))
    return path
