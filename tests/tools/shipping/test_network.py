"""The backbone as a classifier, in the detector, and in the checkpoint that is shipped."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from tests.helpers.networks import photograph, write_checkpoint
from tools.shipping.pictures import to_grey
from tools.shipping.source_bias import SourceBias
from yolo_fer.detector import Detector
from yolo_fer.detector.torch_network import load_checkpoint
from yolo_fer.errors import YoloFerError
from yolo_fer.export.network_export import export
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics

import_ultralytics("testing")

from tools.shipping.calibrating import Curve, fold  # noqa: E402
from tools.shipping.checkpoint import save_checkpoint  # noqa: E402
from tools.shipping.crop_classifier import CropClassifier  # noqa: E402
from tools.shipping.crop_views import as_input  # noqa: E402
from tools.shipping.network import (  # noqa: E402
    TWO_SIZES,
    HalfSizeDetector,
    NamingDetector,
    new_network,
    put_half_size,
    seeing_grey,
    whole_network,
    with_backbone,
)

SIZE = 128
GREY = torch.randint(0, 256, (1, 1, SIZE, SIZE), generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("start") / "yolo11n.pt", "yolo11n")


def test_the_detector_has_the_backbone_that_was_trained_at_both_sizes(start: Path) -> None:
    classifier = CropClassifier.from_checkpoint(start)
    with torch.no_grad():
        for parameter in classifier.layers.parameters():
            parameter.mul_(1.01)
    network = with_backbone(classifier.layers, start).eval()
    classifier.eval()
    batch = as_input(GREY.byte(), "cpu")
    expected = seen = batch
    for layer in range(2):
        expected, seen = classifier.layers[layer](expected), network.model[layer + 1](seen)
    assert torch.equal(seen, expected)
    expected = seen = torch.rand(1, 64, 16, 16)  # what its own layer 3 gives
    for layer in range(4, 11):
        expected, seen = classifier.layers[layer](expected), network.model[layer](seen)
    assert torch.equal(seen, expected)
    half = torch.nn.functional.avg_pool2d(batch, 2)
    seen = batch
    for layer in range(18, 30):
        seen = network.model[layer](seen)
    assert torch.equal(seen, classifier.layers(half))
    neck = load_checkpoint(start)["model"].float().state_dict()["model.13.cv1.conv.weight"]
    assert torch.equal(network.state_dict()["model.13.cv1.conv.weight"], neck)


def test_our_own_network_is_a_start_too(tmp_path: Path) -> None:
    network = new_network()
    save_checkpoint(network, tmp_path / "own.pt", SIZE, {})
    classifier = CropClassifier.from_checkpoint(tmp_path / "own.pt")
    for name, values in classifier.layers.state_dict().items():
        layer, rest = name.split(".", 1)
        expected = network.model[int(layer) + 19].state_dict()[rest].half().float()
        assert torch.equal(values, expected)


def test_it_has_five_heads_for_seven_emotions() -> None:
    network = new_network()
    assert network.stride.tolist() == [8.0, 16.0, 32.0, 32.0, 64.0], "the thinnest comes first"
    assert list(network.names.values())[:2] == ["anger", "disgust"]


def test_its_sides_are_multiples_of_half_its_coarsest_stride(tmp_path: Path) -> None:
    own = write_checkpoint(tmp_path / "own.pt", str(TWO_SIZES.with_suffix("")))
    networks = [Detector(weights)._network for weights in (own, export(str(own)))]
    assert [network.metadata.stride for network in networks] == [32, 32]
    image = cv2.resize(photograph("zidane.jpg"), (160, 96)).transpose(2, 0, 1)
    first, second = (network.run(np.float32(image[None]) / 255) for network in networks)
    np.testing.assert_allclose(first, second, atol=1e-3, rtol=1e-3)


def test_half_of_it_sees_in_a_small_image_what_the_whole_sees_in_a_large_one() -> None:
    network = new_network().eval()
    large = torch.rand(1, 3, 192, 256, generator=torch.Generator().manual_seed(1))
    half = HalfSizeDetector(network).eval()
    with torch.no_grad():
        seen = half(torch.nn.functional.avg_pool2d(large, 2))[0]
        first = 24 * 32 + 12 * 16 + 6 * 8  # behind the places of the first three heads
        expected = network(large)[0][..., first : first + seen.shape[-1]]
    torch.testing.assert_close(2 * seen[:, :4], expected[:, :4])
    torch.testing.assert_close(seen[:, 4:], expected[:, 4:])


def test_what_half_of_it_learns_changes_nothing_else() -> None:
    network, other = new_network(), new_network()
    before = {name: values.clone() for name, values in network.state_dict().items()}
    put_half_size(network, HalfSizeDetector(other))
    for name, values in network.state_dict().items():
        layer = int(name.split(".")[1])
        of_half = 19 <= layer <= 29 or name.startswith(
            ("model.30.cv2.3", "model.30.cv2.4", "model.30.cv3.3", "model.30.cv3.4")
        )
        expected = other.state_dict()[name] if of_half else before[name]
        assert torch.equal(values, expected), name


@pytest.mark.parametrize("name", ["yolov8n", "yolo12n"])
def test_a_start_that_is_another_network_is_refused(tmp_path: Path, name: str) -> None:
    other = write_checkpoint(tmp_path / "other.pt", name)
    with pytest.raises(YoloFerError, match="no YOLO11n"):
        with_backbone(CropClassifier.from_checkpoint(other).layers, other)


def test_all_of_a_detector_is_trained_and_its_backbones_slowly() -> None:
    network = NamingDetector(new_network(), SourceBias())
    slow, fast, _ = (set(map(id, group.parameters)) for group in network.groups())
    for name, parameter in network.model.named_parameters():
        layer = int(name.split(".")[1])
        of_backbone = layer in (1, 2, *range(4, 11), *range(19, 30))
        assert (id(parameter) in slow) == of_backbone, name
        assert (id(parameter) in fast) == (not of_backbone and ".dfl." not in name), name


def test_a_detector_of_other_classes_is_refused(start: Path, tmp_path: Path) -> None:
    other = tmp_path / "coco.pt"
    checkpoint = load_checkpoint(start)
    checkpoint["model"].names = {0: "person"}
    torch.save(checkpoint, other)
    with pytest.raises(YoloFerError, match="no detector of anger"):
        whole_network(other)


def test_a_checkpoint_sees_colours_as_the_network_saw_grey(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = new_network().eval()
    save_checkpoint(seeing_grey(network), tmp_path / "grey.pt", SIZE, {"face_conf": 0.25})
    image = cv2.resize(np.random.default_rng(1).integers(0, 256, (9, 9, 3), np.uint8), (SIZE, SIZE))
    with torch.no_grad():
        grey = torch.from_numpy(to_grey(image))[None, None]
        expected = network(as_input(grey, "cpu"))[0]
        saved = load_checkpoint(tmp_path / "grey.pt")["model"].float()
        rgb = torch.from_numpy(image[..., ::-1].copy()).permute(2, 0, 1)[None].float() / 255
        torch.testing.assert_close(saved(rgb)[0][:, 4:], expected[:, 4:], atol=0.02, rtol=0.05)
    detector = Detector(tmp_path / "grey.pt")
    assert (detector.imgsz, detector.conf) == (SIZE, 0.25)


def test_a_checkpoint_names_no_folder_of_the_machine_that_trained_it(tmp_path: Path) -> None:
    network = new_network()
    network.yaml["yaml_file"] = str(tmp_path / "own.yaml")
    save_checkpoint(network, tmp_path / "own.pt", SIZE, {})
    assert str(tmp_path).encode() not in (tmp_path / "own.pt").read_bytes()
    assert load_checkpoint(tmp_path / "own.pt")["model"].yaml["yaml_file"] == "own.yaml"
    assert network.yaml["yaml_file"] == str(tmp_path / "own.yaml"), "the network is not changed"


def test_folded_curves_bend_every_score_and_no_box() -> None:
    torch.manual_seed(0)
    network = new_network().eval()
    curves = [Curve(0.5 + 0.2 * emotion, -0.3 * emotion) for emotion in range(7)]
    batch = as_input(GREY.byte(), "cpu")
    with torch.no_grad():
        before, after = network(batch)[0], fold(network, curves).eval()(batch)[0]
    assert torch.equal(before[:, :4], after[:, :4])
    logits = torch.logit(before[:, 4:].double())
    slopes = torch.tensor([curve.slope for curve in curves])[:, None]
    shifts = torch.tensor([curve.shift for curve in curves])[:, None]
    expected = torch.sigmoid(slopes * logits + shifts).float()
    torch.testing.assert_close(after[:, 4:], expected, atol=1e-4, rtol=1e-3)
