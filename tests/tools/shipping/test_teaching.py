"""What a network learns from another one."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.helpers.networks import write_checkpoint
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics
from yolo_fer.train.starting_weights import OWN_NETWORK

import_ultralytics("testing")

from tools.shipping.network import new_network, whole_network  # noqa: E402
from tools.shipping.teaching import Said, Teacher  # noqa: E402

EMOTIONS, BINS = 7, 8
ANCHORS = 6


def said(scores: torch.Tensor, box: tuple[float, ...] = (12, 12, 52, 52)) -> Said:
    """Return what is said of one image: the scores (A, 7), all of them of faces in one place."""
    boxes = torch.tensor(box).expand(1, len(scores), 4)
    logits = torch.logit(scores, 1e-6).T[None]
    return Said(boxes, scores[None], logits, torch.zeros(1, 4 * BINS, len(scores)))


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
    total, parts = seen.distance({"scores": seen.logits, "boxes": seen.distances})
    assert float(total) == pytest.approx(0, abs=1e-4)
    assert parts.keys() == {"kept_scores", "kept_faces", "kept_names", "kept_boxes"}


def test_each_part_grows_with_what_it_is_of() -> None:
    seen = said(scores_of((0.9, 2)))
    boxes = torch.zeros(1, 4 * BINS, ANCHORS)
    boxes[:, ::BINS, 0] = 3
    _, parts = seen.distance({"scores": seen.logits, "boxes": boxes})
    assert float(parts.pop("kept_boxes")) > 0.1
    assert max(map(float, parts.values())) < 1e-4
    renamed = seen.logits.clone()
    renamed[0, [2, 3], 0] = renamed[0, [3, 2], 0]
    _, parts = seen.distance({"scores": renamed, "boxes": seen.distances})
    assert float(parts["kept_names"]) > 1
    assert abs(float(parts["kept_faces"])) < 1e-4, "it is as much of a face as before"
    _, parts = seen.distance({"scores": seen.logits - 4, "boxes": seen.distances})
    assert float(parts["kept_faces"]) > 1


def test_names_of_large_faces_need_not_be_kept() -> None:
    seen = [said(scores_of((0.9, 2)), (0, 0, side, side)) for side in (80, 160, 320)]
    renamed = seen[0].logits.clone()
    renamed[0, [2, 3], 0] = renamed[0, [3, 2], 0]
    small, middle, large = (
        float(one.distance({"scores": renamed, "boxes": one.distances})[1]["kept_names"])
        for one in seen
    )
    assert small == pytest.approx(middle)
    assert large == pytest.approx(middle / 4, rel=0.01)


def test_a_teacher_with_its_heads_in_another_order_says_the_same(tmp_path: Path) -> None:
    network = whole_network(write_checkpoint(tmp_path / "n.pt", str(OWN_NETWORK.with_suffix(""))))
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


def test_a_teacher_learns_nothing() -> None:
    network = new_network()
    seen = Teacher(network)(torch.rand(1, 3, 64, 64))
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())
    assert not seen.scores.requires_grad
