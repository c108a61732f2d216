"""The network that is trained, and the checkpoint that is shipped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from tests.helpers.networks import write_checkpoint
from tools.shipping.pictures import to_grey
from tools.shipping.source_bias import SourceBias
from yolo_fer.detector import Detector
from yolo_fer.detector.torch_network import load_checkpoint
from yolo_fer.errors import YoloFerError
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics
from yolo_fer.train.detector.starting_weights import OWN_NETWORK

import_ultralytics("testing")

from tools.shipping.calibrating import Curve, fold  # noqa: E402
from tools.shipping.checkpoint import save_checkpoint  # noqa: E402
from tools.shipping.crop_views import as_input  # noqa: E402
from tools.shipping.network import (  # noqa: E402
    SHARED_LAYERS,
    NamingDetector,
    network_from,
    new_network,
    seeing_grey,
    whole_network,
)

SIZE = 128
GREY = torch.randint(0, 256, (1, 1, SIZE, SIZE), generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("family", ["yolo11n", str(OWN_NETWORK.with_suffix(""))])
def test_it_starts_with_the_layers_that_it_shares(tmp_path: Path, family: str) -> None:
    start = write_checkpoint(tmp_path / "start.pt", family)
    theirs, own = (load_checkpoint(start)["model"].float().model, network_from(start).model)
    for layer in SHARED_LAYERS:
        expected = theirs[layer].state_dict()
        assert expected
        for name, values in own[layer].state_dict().items():
            assert torch.equal(values, expected[name]), (layer, name)


def test_our_own_network_starts_as_it_was(tmp_path: Path) -> None:
    network = new_network()
    save_checkpoint(network, tmp_path / "own.pt", SIZE, {})
    again = network_from(tmp_path / "own.pt").state_dict()
    for name, values in network.state_dict().items():
        assert torch.equal(again[name], values.half().float().to(values.dtype)), name


def test_a_start_of_the_same_widths_gets_the_activation_of_our_network(tmp_path: Path) -> None:
    network = new_network({**new_network().yaml, "activation": "torch.nn.SiLU()"})
    save_checkpoint(network, tmp_path / "own.pt", SIZE, {})
    again = network_from(tmp_path / "own.pt")
    assert type(again.model[0].act) is type(new_network().model[0].act) is torch.nn.ReLU


def test_it_has_three_heads_for_seven_emotions() -> None:
    network = new_network()
    assert network.stride.tolist() == [8.0, 16.0, 32.0], "the thinnest comes first"
    assert list(network.names.values())[:2] == ["anger", "disgust"]


@pytest.mark.parametrize("name", ["yolov8n", "yolo12n"])
def test_a_start_that_is_another_network_is_refused(tmp_path: Path, name: str) -> None:
    other = write_checkpoint(tmp_path / "other.pt", name)
    with pytest.raises(YoloFerError, match="no YOLO11n"):
        network_from(other)


def test_all_of_a_detector_is_trained_and_what_it_shares_slowly() -> None:
    network = NamingDetector(new_network(), SourceBias())
    slow, fast, _ = (set(map(id, group.parameters)) for group in network.groups())
    for name, parameter in network.model.named_parameters():
        layer = int(name.split(".")[1])
        shared = layer in SHARED_LAYERS
        assert (id(parameter) in slow) == shared, name
        assert (id(parameter) in fast) == (not shared and ".dfl." not in name), name


@pytest.mark.parametrize("read", [whole_network, network_from])
def test_a_detector_of_other_classes_is_refused(read: Any, tmp_path: Path) -> None:
    network = new_network()
    network.names = dict(enumerate(reversed(network.names.values())))
    save_checkpoint(network, tmp_path / "other.pt", SIZE, {})
    with pytest.raises(YoloFerError, match="no detector of anger"):
        read(tmp_path / "other.pt")


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
