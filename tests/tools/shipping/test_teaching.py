"""What a network learns from another one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.helpers.networks import write_checkpoint, write_description
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics

import_ultralytics("testing")

from tools.shipping.network import new_network, whole_network  # noqa: E402
from tools.shipping.teaching import KEPT_LAYERS, Said, Teacher, listening  # noqa: E402

EMOTIONS, BINS = 7, 8
ANCHORS = 6
LAYERS = {4: torch.rand(1, 8, 6, 6, generator=torch.Generator().manual_seed(0))}


def said(scores: torch.Tensor, box: tuple[float, ...] = (12, 12, 52, 52)) -> Said:
    """Return what is said of one image: the scores (A, 7), all of them of faces in one place."""
    boxes = torch.tensor(box).expand(1, len(scores), 4)
    logits = torch.logit(scores, 1e-6).T[None]
    return Said(boxes, scores[None], logits, torch.zeros(1, 4 * BINS, len(scores)), LAYERS)


def scores_of(*faces: tuple[float, int]) -> torch.Tensor:
    """Return (A, 7) scores: of each face how sure it is, and of which emotion alone."""
    scores = torch.full((ANCHORS, EMOTIONS), 1e-6)
    for anchor, (score, emotion) in enumerate(faces):
        scores[anchor, emotion] = score
    return scores


def test_a_network_that_says_the_same_is_at_no_distance() -> None:
    torch.manual_seed(0)
    network = new_network().eval()
    seen = Teacher(network)(torch.rand(2, 3, 64, 64))
    predictions = {"scores": seen.logits, "boxes": seen.distances}
    total, parts = seen.distance(predictions, seen.layers)
    assert float(total) == pytest.approx(0, abs=1e-4)
    assert parts.keys() == {f"kept_{of}" for of in ("scores", "faces", "names", "boxes", "layers")}


def test_each_part_grows_with_what_it_is_of() -> None:
    seen = said(scores_of((0.9, 2)))
    boxes = torch.zeros(1, 4 * BINS, ANCHORS)
    boxes[:, ::BINS, 0] = 3
    _, parts = seen.distance({"scores": seen.logits, "boxes": boxes}, LAYERS)
    assert float(parts.pop("kept_boxes")) > 0.1
    assert max(map(float, parts.values())) < 1e-4
    renamed = seen.logits.clone()
    renamed[0, [2, 3], 0] = renamed[0, [3, 2], 0]
    _, parts = seen.distance({"scores": renamed, "boxes": seen.distances}, LAYERS)
    assert float(parts["kept_names"]) > 1
    assert abs(float(parts["kept_faces"])) < 1e-4, "it is as much of a face as before"
    _, parts = seen.distance({"scores": seen.logits - 4, "boxes": seen.distances}, LAYERS)
    assert float(parts["kept_faces"]) > 1
    means = {layer: said.mean((0, 2, 3), keepdim=True) for layer, said in LAYERS.items()}
    predictions = {"scores": seen.logits, "boxes": seen.distances}
    _, parts = seen.distance(
        predictions, {layer: mean.expand_as(LAYERS[layer]) for layer, mean in means.items()}
    )
    assert float(parts["kept_layers"]) == pytest.approx(1, abs=0.05), "nothing but the mean is kept"


def test_what_no_relu_can_give_is_not_asked_for() -> None:
    seen = said(scores_of((0.9, 2)))
    below = replace(seen, layers={layer: given - 0.3 for layer, given in LAYERS.items()})
    predictions = {"scores": seen.logits, "boxes": seen.distances}
    cut = {layer: given.clamp(min=0) for layer, given in below.layers.items()}
    _, parts = below.distance(predictions, cut)
    assert float(parts["kept_layers"]) == 0
    _, parts = below.distance(predictions, LAYERS)
    assert float(parts["kept_layers"]) > 0.3


def test_names_of_large_faces_need_not_be_kept() -> None:
    seen = [said(scores_of((0.9, 2)), (0, 0, side, side)) for side in (120, 240, 480)]
    renamed = seen[0].logits.clone()
    renamed[0, [2, 3], 0] = renamed[0, [3, 2], 0]
    small, middle, large = (
        float(one.distance({"scores": renamed, "boxes": one.distances}, LAYERS)[1]["kept_names"])
        for one in seen
    )
    assert small == pytest.approx(middle)
    assert large == pytest.approx(middle / 4, rel=0.01)


def test_a_teacher_with_its_heads_in_another_order_says_the_same(tmp_path: Path) -> None:
    family = write_description(tmp_path / "other.yaml")
    network = whole_network(write_checkpoint(tmp_path / "other.pt", family))
    assert network.stride.tolist() == [16, 32, 8]
    images = torch.rand(1, 3, 64, 64)
    seen = Teacher(network)(images)
    with torch.no_grad():
        output, raw = network(images)
    assert [one.shape[-1] for one in raw["feats"]] == [4, 2, 8]
    order = [*range(20, 84), *range(20)]  # stride 8 lies behind 16 places of 16 and 4 of 32
    assert torch.equal(seen.scores, output[..., order].transpose(1, 2)[..., 4:])
    assert torch.equal(seen.logits, raw["scores"][..., order])
    assert torch.equal(seen.distances, raw["boxes"][..., order])


def test_what_layers_give_is_heard_once_and_leaves_nothing_in_the_network() -> None:
    network = new_network()
    with listening(network) as heard:
        network(torch.rand(1, 3, 64, 64))
    assert [heard[layer].shape[1] for layer in KEPT_LAYERS] == [64, 128, 128, 256, 128]
    assert not any(layer._forward_hooks for layer in network.modules())


def test_a_teacher_learns_nothing() -> None:
    network = new_network()
    seen = Teacher(network)(torch.rand(1, 3, 64, 64))
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())
    assert not seen.scores.requires_grad
    assert not any(said.requires_grad for said in seen.layers.values())
