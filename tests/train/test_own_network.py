"""How weights of one network find their places in another."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from yolo_fer.runtime.ultralytics_quiet import import_ultralytics
from yolo_fer.train.own_network import OWN_NETWORK, count_numbers, fitting_tensors

pytest.importorskip("ultralytics")


def state_of(network: str | Path) -> dict[str, torch.Tensor]:
    import_ultralytics("testing")
    from ultralytics.nn.tasks import DetectionModel

    return dict(DetectionModel(str(network), nc=7, verbose=False).state_dict())


def test_a_yolo11n_goes_to_both_its_places() -> None:
    own, yolo11n = state_of(OWN_NETWORK), state_of("yolo11n.yaml")
    fitting = fitting_tensors(yolo11n, own)
    for name in ("model.1.conv.weight", "model.9.conv.weight"):
        assert torch.equal(fitting[name], yolo11n["model.0.conv.weight"])
    for layer in range(1, 20):
        expected = {name for name in own if name.startswith(f"model.{layer}.")}
        assert expected <= fitting.keys(), f"layer {layer} of the backbones begins at random"
    assert count_numbers(fitting) > 0.75 * count_numbers(own)


def test_our_network_goes_back_into_a_yolo11n() -> None:
    own, yolo11n = state_of(OWN_NETWORK), state_of("yolo11n.yaml")
    fitting = fitting_tensors(own, yolo11n)
    assert torch.equal(fitting["model.0.conv.weight"], own["model.9.conv.weight"])
    assert count_numbers(fitting) > 0.5 * count_numbers(yolo11n)


def test_the_same_network_stays_as_it_is() -> None:
    own = state_of(OWN_NETWORK)
    assert fitting_tensors(own, own) == own
