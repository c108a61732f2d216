from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from tests.helpers.drawn_crops import drawn_crop
from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.train.classifier.architectures import ARCHITECTURES
from yolo_fer.train.classifier.exporting import write_onnx
from yolo_fer.train.classifier.torch_networks import build_network
from yolo_fer.two_stage.classifier import Classifier


@pytest.mark.parametrize(
    "arch",
    [pytest.param(a, marks=pytest.mark.slow) if a == "vgg16" else a for a in ARCHITECTURES],
)
def test_every_architecture_classifies_after_export_as_before(arch: str, tmp_path: Path) -> None:
    architecture = ARCHITECTURES[arch]
    torch.manual_seed(0)
    network = build_network(arch, architecture.channels, 7).eval()
    description = architecture.describe(48, EMOTION_NAMES, 1.0)
    write_onnx(network, description, tmp_path / f"{arch}.onnx")
    crop = drawn_crop(Emotion.SURPRISE, 3)
    with torch.inference_mode():
        logits = network(torch.from_numpy(description.input_of(crop)[None]))
    found = Classifier(tmp_path / f"{arch}.onnx").classify([crop])
    np.testing.assert_allclose(found, logits.softmax(1).numpy(), atol=5e-3)  # weights in 16 bits
    kinds = {node.op_type for node in onnx.load(tmp_path / f"{arch}.onnx").graph.node}
    assert "BatchNormalization" not in kinds  # folded into the convolutions
    (tmp_path / f"{arch}.onnx").unlink()  # VGG-16 is large
