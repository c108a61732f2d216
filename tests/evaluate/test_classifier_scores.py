"""How well a classifier names the faces of a set, counted by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from yolo_fer.evaluate.classifier_scores import Scores, score, summarise

NAMES = ("anger", "fear", "joy")


def scores(*faces: tuple[int, int]) -> Scores:
    """Each face is its true class and what it is named."""
    labels, named = (np.array(column, np.intp) for column in zip(*faces, strict=True))
    return score(labels, np.eye(len(NAMES), dtype=np.float32)[named], NAMES)


FOUR = scores((0, 0), (0, 0), (0, 1), (1, 1))


def test_each_face_is_counted_where_its_class_and_its_name_meet() -> None:
    assert FOUR.confusion == ((2, 1, 0), (0, 1, 0), (0, 0, 0))
    assert FOUR.faces == 4
    assert FOUR.accuracy == 3 / 4


def test_precision_recall_and_f1_are_means_over_the_classes_that_have_faces() -> None:
    anger, fear, joy = FOUR.classes
    assert (anger.precision, anger.recall) == (1, pytest.approx(2 / 3))
    assert (fear.precision, fear.recall) == (1 / 2, 1)
    assert (anger.f1, fear.f1) == pytest.approx((4 / 5, 2 / 3))
    assert np.isnan([joy.precision, joy.recall, joy.f1]).all()
    assert FOUR.precision == pytest.approx((1 + 1 / 2) / 2)
    assert FOUR.recall == pytest.approx((2 / 3 + 1) / 2)
    assert FOUR.macro_f1 == pytest.approx((4 / 5 + 2 / 3) / 2)


def test_a_class_that_is_never_named_has_no_precision_and_counts_0() -> None:
    never = scores((0, 0), (1, 0))
    assert np.isnan(never.classes[1].precision)
    assert never.precision == pytest.approx(1 / 4)


def test_what_is_not_defined_is_null_in_json() -> None:
    written = json.loads(json.dumps(FOUR.to_json()))
    assert written["classes"]["joy"] == {"faces": 0, "precision": None, "recall": None, "f1": None}
    assert written["confusion"]["anger"] == {"anger": 2, "fear": 1, "joy": 0}


def test_sets_are_summarised_in_a_line() -> None:
    line = summarise({"val": FOUR, "test": FOUR})
    assert line.startswith("val: accuracy 75.0 %, macro-F1 73.3 %, 4 faces; test: ")
