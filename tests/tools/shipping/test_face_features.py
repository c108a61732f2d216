"""Face recognition as the start of a classifier of expressions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from tests.helpers.face_features import write_face_features
from tests.helpers.research_data import research_data
from yolo_fer.errors import YoloFerError
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics

import_ultralytics("testing")

from tools.shipping.crop_classifier import CropClassifier  # noqa: E402
from tools.shipping.face_features import FaceFeatures  # noqa: E402

IMAGES = torch.rand(4, 3, 128, 128, generator=torch.Generator().manual_seed(0))


def by_onnx_runtime(path: Path, images: torch.Tensor) -> torch.Tensor:
    session = onnxruntime.InferenceSession(path)
    pixels = {session.get_inputs()[0].name: 255 * images.numpy()}
    return torch.from_numpy(np.asarray(session.run(None, pixels)[0]))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_face_features(tmp_path_factory.mktemp("features") / "features.onnx")


def test_the_features_are_those_of_the_file(file: Path) -> None:
    features = FaceFeatures.from_onnx(file).eval()
    with torch.no_grad():
        torch.testing.assert_close(features(IMAGES), by_onnx_runtime(file, IMAGES))


def test_weights_of_16_bits_with_norms_after_them_are_read() -> None:
    real = research_data("weights/vggface2-mobilenet.onnx")
    features = FaceFeatures.from_onnx(real).eval()
    images = torch.nn.functional.interpolate(IMAGES, (224, 224))  # a side that its file fixes
    with torch.no_grad():
        expected = by_onnx_runtime(real, images)
        torch.testing.assert_close(features(images), expected, atol=1e-4, rtol=1e-3)


def test_norms_are_put_back_without_a_change_of_the_features(file: Path) -> None:
    features = FaceFeatures.from_onnx(file).eval()
    with torch.no_grad():
        before = features(IMAGES)
        features.put_norms_back(IMAGES)
        torch.testing.assert_close(features(IMAGES), before, atol=1e-4, rtol=1e-3)
        in_training = features.train()(IMAGES)
    torch.testing.assert_close(in_training, before, atol=0.02, rtol=0.05)


def test_what_is_no_such_network_is_refused(tmp_path: Path) -> None:
    none = tmp_path / "none.onnx"
    none.write_bytes(b"no network")
    other = Path(__file__).resolve().parents[3] / "weights/compact-resnet.onnx"
    for path in (none, other, tmp_path / "missing.onnx"):
        with pytest.raises(YoloFerError, match="holds no MobileNet"):
            FaceFeatures.from_onnx(path)


def test_the_layers_that_see_edges_stay_as_they_are(file: Path) -> None:
    classifier = CropClassifier(FaceFeatures.from_onnx(file)).train()
    fixed = {name: values.clone() for name, values in classifier.features.layers[4].named_buffers()}
    classifier(IMAGES).sum().backward()
    for name, values in classifier.features.layers[4].named_buffers():
        assert torch.equal(values, fixed[name]), name
    trained = {id(one) for group in classifier.groups() for one in group.parameters}
    for number, layer in enumerate(classifier.features.layers):
        for parameter in layer.parameters():
            assert (parameter.grad is not None) == (id(parameter) in trained) == (number >= 5)
