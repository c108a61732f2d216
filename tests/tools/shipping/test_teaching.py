"""What a network learns from another one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tools.shipping.truth import Truth, View
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics

import_ultralytics("testing")

from tools.shipping.network import new_network  # noqa: E402
from tools.shipping.teaching import Said, Teacher  # noqa: E402

EMOTIONS, BINS = 7, 8
ANCHORS = 6
FACE = np.array([[10.0, 10, 50, 50]])


def said(scores: torch.Tensor, box: tuple[float, ...] = (12, 12, 52, 52)) -> Said:
    """Return what is said of one image: the scores (A, 7), all of them of faces in one place."""
    boxes = torch.tensor(box).expand(1, len(scores), 4)
    logits = torch.logit(scores, 1e-6).T[None]
    return Said(boxes, scores[None], logits, torch.zeros(1, 4 * BINS, len(scores)))


def truth(target: list[float] | None) -> Truth:
    targets = np.array([[np.nan] * EMOTIONS if target is None else target], np.float32)
    sources, none = np.zeros(1, np.int64), np.zeros((0, 4))
    view = View(np.zeros((64, 64), np.uint8), FACE, targets, np.array([True]), sources, none)
    return Truth.of([view])


def scores_of(*faces: tuple[float, int]) -> torch.Tensor:
    """Return (A, 7) scores: of each face how sure it is, and of which emotion alone."""
    scores = torch.full((ANCHORS, EMOTIONS), 1e-6)
    for anchor, (score, emotion) in enumerate(faces):
        scores[anchor, emotion] = score
    return scores


ANGER = [1.0, *[0.0] * 6]


def test_a_label_and_the_teachers_surest_name_are_mixed() -> None:
    known = said(scores_of((0.5, 3), (0.9, 2))).named(truth(ANGER))
    torch.testing.assert_close(
        known.targets[0, 0, :4], torch.tensor([0.6, 0, 0.4, 0]), atol=1e-4, rtol=0
    )
    assert known.known.tolist() == [[1]]


def test_a_face_without_a_label_gets_the_teachers_name() -> None:
    known = said(scores_of((0.9, 2))).named(truth(None))
    assert known.targets[0, 0, 2] > 0.999
    assert known.known.tolist() == [[1]]


@pytest.mark.parametrize("target", [ANGER, None])
def test_a_face_that_the_teacher_does_not_find_stays_as_it_is(target: list[float] | None) -> None:
    before = truth(target)
    for nothing in (
        said(scores_of((0.05, 2))),
        said(scores_of((0.9, 2)), (40, 40, 80, 80)),
    ):
        after = nothing.named(before)
        assert torch.equal(after.targets, before.targets)
        assert torch.equal(after.known, before.known)


def test_places_for_faces_that_are_not_there_stay_empty() -> None:
    before = truth(ANGER)
    padded = replace(
        before,
        **{
            name: torch.cat([getattr(before, name), 0 * getattr(before, name)], 1)
            for name in ("boxes", "targets", "known", "exact", "sources")
        },
    )
    after = said(scores_of((0.9, 2)), (0, 0, 0, 0)).named(padded)
    assert after.known.tolist() == [[1, 0]]


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


def test_a_teacher_learns_nothing() -> None:
    network = new_network()
    seen = Teacher(network)(torch.rand(1, 3, 64, 64))
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())
    assert not seen.scores.requires_grad
