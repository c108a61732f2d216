"""The shipped network in OpenVINO's format."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from yolo_fer.weights.store import resolve


def openvino_copy(folder: Path, batch: int | None = None) -> Path:
    """Write it for so many images at once; None is any number."""
    openvino = pytest.importorskip("openvino")
    onnx = pytest.importorskip("onnx")
    source = resolve("yolo-fer-n.onnx")
    target = folder / "yolo-fer-n_openvino_model"
    target.mkdir()
    model = openvino.convert_model(source)
    if batch is not None:
        model.reshape(openvino.PartialShape([batch, 3, -1, -1]))
    openvino.save_model(model, target / "yolo-fer-n.xml")
    properties = {entry.key: entry.value for entry in onnx.load(source).metadata_props}
    (target / "metadata.yaml").write_text(yaml.safe_dump(properties))
    return target
