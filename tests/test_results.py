"""One score for the face, seven for its expression; results to supervision and back."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest

from yolo_fer.emotions import Emotion
from yolo_fer.errors import MissingExtraError
from yolo_fer.results import FacePrediction, Prediction, emotion_probabilities, face_scores

sv = pytest.importorskip("supervision")
BOX = (0.0, 0.0, 9.0, 9.0)


def seven(*scores: float) -> tuple[float, ...]:
    return (*scores, *[0.0] * (len(Emotion) - len(scores)))


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


def prediction(*tracks: int | None, finder_score: float | None = None) -> Prediction:
    faces = tuple(
        FacePrediction(
            (10.0 + 100 * i, 20, 60.5 + 100 * i, 80),
            (0, 0.25, 0, 0.75 - i / 8, 0, 0, 0),
            track,
            finder_score,
        )
        for i, track in enumerate(tracks)
    )
    return Prediction("clip.mp4", 640, 480, faces, 7, 280.0)


def test_every_field_of_a_face_is_there() -> None:
    found = prediction(4, 5).to_supervision()
    assert found.xyxy.dtype == np.float32
    assert found.xyxy.tolist() == [[10, 20, 60.5, 80], [110, 20, 160.5, 80]]
    assert found.confidence.tolist() == [0.8125, 0.71875]
    assert found.class_id.tolist() == [Emotion.HAPPINESS] * 2
    assert found.tracker_id.tolist() == [4, 5]
    assert found.data["class_name"].tolist() == ["happiness"] * 2
    assert found.data["scores"].shape == found.data["probabilities"].shape == (2, 7)
    assert found.data["probabilities"][0, Emotion.HAPPINESS] == 0.75
    assert np.isnan(found.data["finder_score"]).all()


@pytest.mark.parametrize("tracks", [(), (None,), (None, None), (1, None), (0, 1, 2)])
@pytest.mark.parametrize("finder_score", [None, 0.875])
def test_there_and_back_is_the_same(
    tracks: tuple[int | None, ...], finder_score: float | None
) -> None:
    whole = prediction(*tracks, finder_score=finder_score)
    there = whole.to_supervision()
    assert whole.with_supervision(there) == whole
    assert there.confidence.tolist() == [face.score for face in whole.faces]


def test_faces_without_any_track_have_no_tracker_id() -> None:
    assert prediction(None, None).to_supervision().tracker_id is None


def test_a_selection_keeps_the_scores_with_their_faces() -> None:
    whole = prediction(1, 2, 3)
    detections = whole.to_supervision()
    kept = whole.with_supervision(detections[detections.confidence < 0.8])
    assert kept.faces == whole.faces[1:]


def test_nothing_found_by_a_tracker_of_supervision_is_no_face() -> None:
    assert prediction(1).with_supervision(sv.Detections.empty()).faces == ()


def test_annotators_of_supervision_draw_them() -> None:
    image = np.zeros((480, 640, 3), np.uint8)
    drawn = sv.BoxAnnotator().annotate(image.copy(), prediction(1, 2).to_supervision())
    assert drawn.any()


def test_without_supervision_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load = builtins.__import__

    def absent(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "supervision":
            raise ImportError(name)
        return load(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(MissingExtraError, match=r"yolo-fer\[stream\]"):
        prediction(1).to_supervision()
