"""One score for the face, seven for its expression."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.scores import seven
from yolo_fer.emotions import Emotion
from yolo_fer.results import FacePrediction, Probabilities, emotion_probabilities, face_scores

BOX = (0.0, 0.0, 9.0, 9.0)


@pytest.mark.parametrize(
    ("scores", "score"),
    [
        (seven(), 0),
        (seven(0.4), 0.4),  # the only score is the face's
        (seven(0.5, 0.5), 0.75),
        ((0.3,) * 7, 1 - 0.7**7),  # an ambiguous expression on a clear face
        (seven(1.0, 0.2), 1),
        ((1.0,) * 7, 1),
        ((1e-20,) * 7, 7e-20),  # 1 - (1 - 1e-20) would be 0
        (seven(5e-324), 5e-324),
        (seven(1 - 1e-16, 0.5), 1 - 5e-17),
    ],
)
@pytest.mark.filterwarnings("error")
def test_the_score_of_a_face_is_that_any_of_its_seven_is_right(
    scores: tuple[float, ...], score: float
) -> None:
    assert FacePrediction(BOX, scores).score == pytest.approx(score, rel=1e-12, abs=0)
    assert face_scores(np.array([scores, seven()])).tolist() == [
        FacePrediction(BOX, scores).score,
        0,
    ]


def test_no_face_scores_less_than_its_best_emotion_nor_more_than_1() -> None:
    scores = np.random.default_rng(0).random((1000, 7)) ** np.arange(1, 1001)[:, None]
    faces = face_scores(scores)
    assert (faces >= scores.max(axis=1) * (1 - 1e-15)).all()
    assert (faces <= 1).all()
    np.testing.assert_allclose(faces, 1 - np.prod(1 - scores, axis=1), atol=1e-15)


def test_without_faces_there_are_no_scores() -> None:
    assert face_scores(np.zeros((0, 7))).shape == (0,)
    assert emotion_probabilities(np.zeros((0, 7))).shape == (0, 7)


@pytest.mark.parametrize(
    "scores", [seven(0.4), (0.3,) * 7, seven(1.0, 1.0), (1e-20,) * 7, (5e-324,) * 7, seven()]
)
@pytest.mark.filterwarnings("error")
def test_probabilities_sum_to_1_and_keep_the_order(scores: tuple[float, ...]) -> None:
    face = FacePrediction(BOX, scores)
    assert sum(face.probabilities) == pytest.approx(1)
    assert np.argmax(face.probabilities) == face.emotion
    assert all(isinstance(p, float) for p in face.probabilities)


def test_a_face_whose_scores_are_all_0_could_show_anything() -> None:
    assert FacePrediction(BOX, seven()).probabilities == pytest.approx((1 / 7,) * 7)


@pytest.mark.parametrize("emotion", Emotion)
def test_a_probability_is_found_by_number_and_by_name(emotion: Emotion) -> None:
    probabilities = FacePrediction(BOX, (0.05, 0.1, 0.2, 0.3, 0.15, 0.12, 0.08)).probabilities
    assert probabilities[emotion.label] == probabilities[emotion] == tuple(probabilities)[emotion]
    assert probabilities[-1] == probabilities["Neutral"]
    assert probabilities[:2] == (probabilities["anger"], probabilities["disgust"])


def test_a_word_that_is_no_emotion_is_answered_with_the_seven() -> None:
    with pytest.raises(KeyError, match=r"'bored' is no emotion.*anger.*neutral"):
        Probabilities((0.0,) * 7)["bored"]
