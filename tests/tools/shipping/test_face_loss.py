"""The loss of the detector, with a real network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from tools.shipping.sampling import SOURCES
from tools.shipping.source_bias import SourceBias
from tools.shipping.truth import Truth, View
from yolo_fer.emotions import Emotion
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics

import_ultralytics("testing")

from tools.shipping.crop_views import as_input  # noqa: E402
from tools.shipping.face_loss import FaceLoss  # noqa: E402
from tools.shipping.network import new_network  # noqa: E402

SIZE = 128
GREY = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE), dtype=np.uint8)
BOX = (8, 8, 88, 88)
AFFECTNET = SOURCES.index("affectnet")


@pytest.fixture(scope="module")
def network() -> Any:
    torch.manual_seed(0)
    return new_network().train()


def view(**known: Any) -> View:
    count = len(known.get("boxes", ()))
    return View(
        GREY,
        np.array(known.get("boxes", ()), float).reshape(-1, 4),
        np.array(known.get("targets", ()), np.float32).reshape(-1, 7),
        np.ones(count, bool),
        np.full(count, AFFECTNET),
        np.array(known.get("ignored", ()), float).reshape(-1, 4),
    )


def taught(network: Any, one: View, part: str, bias: SourceBias | None = None) -> torch.Tensor:
    """The gradient at the scores or boxes: what the loss teaches of them, (7 or 48, A)."""
    predictions = network(as_input(torch.from_numpy(GREY)[None, None], "cpu"))
    predictions[part].retain_grad()
    loss, parts = FaceLoss(network, bias or SourceBias(), 1.0)(predictions, Truth.of([one]))
    assert set(parts) == {"naming", "scores", "finding", "box", "distance"}
    loss.backward()
    gradient: torch.Tensor = predictions[part].grad[0]
    return gradient


def test_background_is_taught_unless_it_is_ignored(network: Any) -> None:
    assert (taught(network, view(), "scores") > 0).all(), "every score is to fall"
    ignored = view(ignored=[(0, 0, SIZE, SIZE)])
    assert not taught(network, ignored, "scores").any()


def test_a_known_face_raises_its_own_expression_most(network: Any) -> None:
    fear = view(boxes=[BOX], targets=[np.eye(7)[Emotion.FEAR]])
    raised = taught(network, fear, "scores").min(dim=1).values
    assert int(raised.argmin()) == Emotion.FEAR


def test_a_face_of_unknown_expression_is_found_and_named_nothing(network: Any) -> None:
    unknown = view(boxes=[BOX], targets=[np.full(7, np.nan)])
    gradient = taught(network, unknown, "scores")
    on_face = (gradient < 0).all(dim=0)
    assert on_face.any(), "all seven scores rise together where the face is"


@pytest.mark.parametrize("exact", [True, False])
def test_only_exact_boxes_teach_boxes(network: Any, exact: bool) -> None:
    one = view(boxes=[BOX], targets=[np.eye(7)[3]])
    one = replace(one, exact=np.array([exact]))
    assert taught(network, one, "boxes").any() == exact


def test_what_a_dataset_says_anyway_teaches_less(network: Any) -> None:
    fear = view(boxes=[BOX], targets=[np.eye(7)[Emotion.FEAR]])
    eager = SourceBias()
    eager.numbers.data[AFFECTNET, Emotion.FEAR] = 5.0
    plain, expected = (
        taught(network, fear, "scores", bias)[Emotion.FEAR].min() for bias in (None, eager)
    )
    assert plain < expected < 0


def test_expw_and_rafdb_are_named_as_the_network_names() -> None:
    bias = SourceBias()
    bias.numbers.data.fill_(3.0)
    logits = torch.zeros(len(SOURCES), 7)
    named = bias(logits, torch.arange(len(SOURCES)))
    plain = {source for source, row in zip(SOURCES, named, strict=True) if not row.any()}
    assert plain == {"expw", "rafdb"}


def test_a_large_face_teaches_more_than_a_small_one(network: Any) -> None:
    fear, large, small = np.eye(7)[Emotion.FEAR], (8, 8, 88, 88), (8, 8, 38, 38)

    def taught_of_naming(box: tuple[int, ...], other: tuple[int, ...]) -> float:
        """How strongly the first of two faces pulls at the scores, beside one that is known."""
        both = Truth.of([view(boxes=[box], targets=[fear]), view(boxes=[other], targets=[fear])])
        predictions = network(
            as_input(torch.from_numpy(GREY)[None, None].repeat(2, 1, 1, 1), "cpu")
        )
        predictions["scores"].retain_grad()
        loss, _ = FaceLoss(network, SourceBias(), 100.0)(predictions, both)
        loss.backward()
        gradient = predictions["scores"].grad
        return float(gradient[0].abs().sum() / gradient[1].abs().sum())

    assert taught_of_naming(large, small) > 1.5 * taught_of_naming(large, large)
