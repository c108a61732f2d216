"""Which faces are found at the threshold with which a predictor is used."""

from __future__ import annotations

import pytest

pytest.importorskip("pycocotools")

from tests.helpers.observed import Seen, observed
from yolo_fer.emotions import Emotion
from yolo_fer.evaluate.finding import find_faces

ANN, BEN, NOWHERE = (10.0, 10, 50, 50), (100.0, 10, 140, 50), (200.0, 200, 240, 240)
FEAR = Emotion.FEAR


def test_a_face_is_found_by_a_box_that_is_shown_whatever_its_expression() -> None:
    finding = find_faces(observed(Seen([(ANN, FEAR), (BEN, FEAR)], [(ANN, 0.9), (BEN, 0.2)])))
    assert finding.found.tolist() == [True, False]


def test_where_no_unlabelled_face_is_boxed_nothing_is_said_of_all_faces() -> None:
    assert find_faces(observed(Seen([(ANN, FEAR)], [(ANN, 0.9)]))).all_faces is None


def test_of_all_faces_the_unlabelled_ones_are_to_be_found_too() -> None:
    seen = Seen([(ANN, FEAR), (BEN, None)], [(ANN, 0.9), (BEN, 0.9), (NOWHERE, 0.9)])
    finding = find_faces(observed(seen))
    assert finding.found.tolist() == [True, False], "an unlabelled face is none of the labelled"
    assert finding.all_faces is not None
    assert finding.all_faces.counted.tolist() == [True, True]
    assert finding.all_faces.found.tolist() == [True, True]


def test_an_image_of_which_not_all_faces_are_known_takes_no_part_in_that() -> None:
    known = Seen([(ANN, FEAR), (BEN, None)], [(ANN, 0.9)])
    unknown = Seen([(ANN, FEAR), (BEN, None)], [(ANN, 0.9)], all_boxed=False)
    finding = find_faces(observed(known, unknown))
    assert finding.found.tolist() == [True, False, True, False]
    assert finding.all_faces is not None
    assert finding.all_faces.counted.tolist() == [True, True, False, False]
    assert finding.all_faces.found.tolist() == [True, False, False, False]
