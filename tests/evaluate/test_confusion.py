"""How labelled faces are named, and which are missed."""

from __future__ import annotations

import numpy as np
import pytest

from yolo_fer.emotions import Emotion
from yolo_fer.evaluate.confusion import MISSED, Naming, macro_f1


def naming(*faces: tuple[int, int, int]) -> Naming:
    """Each face is its true emotion, what it was named, and the number of its image."""
    truth, named, image = (np.array(column, np.intp) for column in zip(*faces, strict=True))
    probability = (named != MISSED).astype(float)
    return Naming(truth.astype(np.int8), named, probability, np.arange(len(faces)), image)


FACES = naming(
    (Emotion.ANGER, Emotion.ANGER, 0),
    (Emotion.ANGER, Emotion.FEAR, 0),
    (Emotion.FEAR, Emotion.FEAR, 1),
    (Emotion.FEAR, MISSED, 1),
)


def test_each_face_is_counted_once_and_a_missed_one_in_a_column_of_its_own() -> None:
    counts = FACES.confusion()
    assert counts.shape == (7, 8)
    assert counts.sum() == 4
    assert counts[Emotion.ANGER, [Emotion.ANGER, Emotion.FEAR]].tolist() == [1, 1]
    assert counts[Emotion.FEAR, [Emotion.FEAR, MISSED]].tolist() == [1, 1]


def test_accuracy_is_of_the_found_faces_and_images_may_weigh_more() -> None:
    assert FACES.accuracy(np.ones(2)) == pytest.approx(2 / 3)
    assert FACES.accuracy(np.array([0.0, 1.0])) == 1
    assert FACES.accuracy(np.array([2.0, 1.0])) == pytest.approx(3 / 5)


def test_the_mean_f1_is_of_the_classes_that_have_a_found_face() -> None:
    # anger: 1 of 2 named, all named so are right; fear: 1 of 1 named, half of what is named so
    assert macro_f1(FACES.confusion()) == pytest.approx((2 / 3 + 2 / 3) / 2)


def test_where_no_face_was_found_there_is_no_figure() -> None:
    missed = naming((Emotion.ANGER, MISSED, 0))
    assert np.isnan(missed.accuracy(np.ones(1)))
    assert np.isnan(macro_f1(missed.confusion()))
