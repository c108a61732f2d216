from __future__ import annotations

import math

import pytest

from tests.helpers.drawn_samples import sample
from yolo_fer.dataset.samples import Box, Face, box_array
from yolo_fer.emotions import Emotion

ANGRY = Face(Box(0, 0, 9, 9), Emotion.ANGER)
UNLABELLED = Face(Box(1, 1, 5.5, 5), None)


@pytest.mark.parametrize(
    ("corners", "words"),
    [
        ((0, 0, 0, 9), "empty or inverted"),
        ((5, 0, 3, 9), "empty or inverted"),
        ((0, 9, 9, 9), "empty or inverted"),
        ((0, 0, math.inf, 9), "not a finite number"),
        ((math.nan, 0, 9, 9), "not a finite number"),
    ],
)
def test_what_covers_nothing_is_no_box(corners: tuple[float, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Box(*corners)


def test_faces_are_told_apart_by_their_label() -> None:
    both = sample(UNLABELLED, ANGRY)
    assert both.labelled == (ANGRY,)
    assert both.ignored == (UNLABELLED,)


def test_anger_is_a_label_though_its_number_is_0() -> None:
    assert Emotion.ANGER == 0
    assert sample(ANGRY).labelled == (ANGRY,)


def test_boxes_and_faces_become_an_array() -> None:
    assert box_array([ANGRY, UNLABELLED.box]).tolist() == [[0, 0, 9, 9], [1, 1, 5.5, 5]]
    assert box_array([]).shape == (0, 4)
