"""One face: what it says of itself, in words and in JSON."""

from __future__ import annotations

import pytest

from tests.helpers.scores import seven
from yolo_fer.results import FacePrediction, boxes_of

BOX = (0.0, 0.0, 9.0, 9.0)


def test_people_are_told_how_probable_the_expression_is() -> None:
    assert FacePrediction(BOX, (0.05, 0, 0, 0.31, 0.05, 0.04, 0.05)).caption == "happiness 62 %"
    assert FacePrediction(BOX, seven(0.2)).caption == "anger 100 %"


def test_a_face_finder_knows_the_score_of_its_face_better() -> None:
    face = FacePrediction(BOX, seven(0.4, 0.4), finder_score=0.8)
    assert face.score == 0.8
    assert face.probabilities[:2] == (0.5, 0.5)


def test_json_has_the_score_the_scores_and_the_probabilities() -> None:
    line = FacePrediction(BOX, seven(0.5, 0.25)).to_json()
    assert [*line] == ["box", "emotion", "score", "scores", "probabilities", "track"]
    assert line["score"] == 0.625
    assert line["scores"]["disgust"] == 0.25
    assert line["probabilities"]["disgust"] == pytest.approx(1 / 3, abs=1e-5)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -0.01, 1.01])
def test_what_is_no_score_is_an_error(bad: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        FacePrediction(BOX, seven(0.5, bad))
    with pytest.raises(ValueError, match="between 0 and 1"):
        FacePrediction(BOX, seven(0.5), finder_score=bad)


def test_a_face_says_in_words_what_it_shows() -> None:
    face = FacePrediction((741.6, 38.9, 1047.4, 355.2), (0.05, 0, 0, 0.31, 0.05, 0.04, 0.05))
    assert str(face) == "happiness 62 %, face 0.43 at 742, 39 to 1047, 355"
    tracked = FacePrediction(BOX, seven(0.5), track=7)
    assert str(tracked) == "#7 anger 100 %, face 0.50 at 0, 0 to 9, 9"


def test_the_boxes_of_faces_are_rows_also_of_none() -> None:
    faces = [FacePrediction((1, 2, 3, 4), seven(0.2)), FacePrediction((5, 6, 7, 8.5), seven(0.2))]
    assert boxes_of(faces).tolist() == [[1, 2, 3, 4], [5, 6, 7, 8.5]]
    assert boxes_of([]).shape == (0, 4)
