from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.helpers.drawn_pictures import crop, photograph
from tests.helpers.photograph_detector import SaysInPhotographs
from tools.shipping.answers import TRUST, measure_naming, relabel, relabel_photographs, summarise
from tools.shipping.pictures import soft_label
from yolo_fer.emotions import Emotion

SURE = 20.0


class Says(nn.Module):
    """A classifier that calls every face one emotion."""

    def __init__(self, emotion: Emotion) -> None:
        super().__init__()
        self.logits = nn.Parameter(SURE * torch.eye(7)[emotion])

    def forward(self, pixels: Any) -> torch.Tensor:
        return self.logits.expand(len(pixels), -1)


BLIND = SaysInPhotographs(None)


def test_a_label_is_mixed_with_what_is_said_by_the_trust_in_its_source() -> None:
    pictures = {
        "expw": [photograph(Emotion.ANGER), photograph(None)],
        "rafdb": [crop(Emotion.FEAR)],
    }
    labelled = relabel(Says(Emotion.SURPRISE), pictures, BLIND)
    (known, unknown), (raf,) = labelled["expw"], labelled["rafdb"]
    for picture, before, trust in (
        (known, soft_label(Emotion.ANGER), TRUST["expw"]),
        (raf, soft_label(Emotion.FEAR), TRUST["rafdb"]),
    ):
        expected = trust * np.eye(7)[Emotion.SURPRISE] + (1 - trust) * before
        np.testing.assert_allclose(picture.targets[0], expected, atol=1e-5)
    assert unknown.targets[0].argmax() == Emotion.SURPRISE
    assert np.isnan(pictures["expw"][1].targets).all(), "the picture itself is not changed"


def test_rare_emotions_count_as_much_as_frequent_ones_in_the_mean() -> None:
    pictures = [crop(Emotion.HAPPINESS, seed) for seed in range(9)] + [crop(Emotion.DISGUST)]
    naming = measure_naming(Says(Emotion.HAPPINESS), pictures, size=64)
    assert (naming.faces, naming.accuracy) == (10, pytest.approx(0.9))
    assert naming.mean_accuracy == pytest.approx(0.5)
    with pytest.raises(ValueError, match="no picture"):
        measure_naming(Says(Emotion.ANGER), [photograph(None)])


def test_the_cross_entropy_is_that_of_soft_labels() -> None:
    said = np.full((1, 7), 1 / 7, np.float32)
    assert summarise(soft_label(Emotion.FEAR)[None], said).cross_entropy == pytest.approx(np.log(7))


def test_a_detector_has_half_the_say_of_what_expw_shows() -> None:
    known, raf = photograph(Emotion.ANGER), crop(Emotion.FEAR)
    detector = SaysInPhotographs(tuple(known.boxes[0].tolist()), Emotion.SADNESS)
    labelled = relabel(Says(Emotion.SURPRISE), {"expw": [known], "rafdb": [raf]}, detector)
    half = TRUST["expw"] / 2
    expected = (1 - 2 * half) * soft_label(Emotion.ANGER)
    expected[[Emotion.SURPRISE, Emotion.SADNESS]] += half
    np.testing.assert_allclose(labelled["expw"][0].targets[0], expected, atol=1e-5)
    assert labelled["rafdb"][0].targets[0].argmax() == Emotion.FEAR


def test_where_a_detector_finds_no_face_the_classifier_answers() -> None:
    elsewhere = SaysInPhotographs((0, 0, 5, 5), Emotion.SADNESS)
    pictures = {"expw": [photograph(None, 1)]}
    (alone,) = relabel(Says(Emotion.SURPRISE), pictures, elsewhere)["expw"]
    np.testing.assert_allclose(alone.targets[0], np.eye(7)[Emotion.SURPRISE], atol=1e-5)


def test_a_detector_alone_names_photographs_and_leaves_crops_and_faces_that_it_misses() -> None:
    known, raf = photograph(Emotion.ANGER), crop(Emotion.FEAR)
    face = tuple(known.boxes[0].tolist())
    pictures = {"expw": [known, replace(known, targets=photograph(None).targets)], "rafdb": [raf]}
    labelled = relabel_photographs(pictures, SaysInPhotographs(face, Emotion.SADNESS))
    mixed, named = labelled["expw"]
    expected = (1 - TRUST["expw"]) * soft_label(Emotion.ANGER)
    expected[Emotion.SADNESS] += TRUST["expw"]
    np.testing.assert_allclose(mixed.targets[0], expected, atol=1e-5)
    assert named.targets[0].argmax() == Emotion.SADNESS
    np.testing.assert_array_equal(labelled["rafdb"][0].targets, raf.targets)
    missed = relabel_photographs(pictures, BLIND)["expw"]
    for before, after in zip(pictures["expw"], missed, strict=True):
        np.testing.assert_array_equal(before.targets, after.targets)
