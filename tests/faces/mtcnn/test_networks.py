"""MTCNN's networks: the shapes that the cascade counts on, and weights of facenet-pytorch."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")
import torch

from tests.helpers.mtcnn_files import random_parts
from yolo_fer.errors import YoloFerError
from yolo_fer.faces.mtcnn.networks import ONet, PNet, RNet, load_facenet


@pytest.mark.parametrize(("network", "side"), [(PNet, 12), (RNet, 24), (ONet, 48)])
def test_a_crop_gets_a_face_a_box_and_an_expression(network: type, side: int) -> None:
    answer = network().eval()(torch.zeros(3, 3, side, side))
    assert [tuple(part.shape[:2]) for part in answer] == [(3, 2), (3, 4), (3, 7)]


def test_the_first_network_looks_at_every_other_pixel_of_an_image_of_any_size() -> None:
    answer = PNet().eval()(torch.zeros(1, 3, 40, 61))
    assert [tuple(part.shape[2:]) for part in answer] == [(15, 26)] * 3


def test_weights_without_an_expression_head_leave_it_as_it_was(tmp_path: Path) -> None:
    part = random_parts(tmp_path)["mtcnn-rnet"]
    torch.manual_seed(7)
    network = RNet()
    head = network.emotion.weight.clone()
    load_facenet(network, part)
    assert torch.equal(network.emotion.weight, head)
    assert torch.equal(network.conv1.weight, torch.load(part, weights_only=True)["conv1.weight"])


def test_weights_of_another_network_are_refused_by_name(tmp_path: Path) -> None:
    parts = random_parts(tmp_path)
    with pytest.raises(YoloFerError, match="does not hold PNet"):
        load_facenet(PNet(), parts["mtcnn-rnet"])
    torch.save({}, tmp_path / "empty.pt")
    with pytest.raises(YoloFerError, match=r"empty\.pt does not hold the weights of a ONet"):
        load_facenet(ONet(), tmp_path / "empty.pt")
