"""Faces to supervision and back."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest

from yolo_fer.emotions import Emotion
from yolo_fer.errors import MissingExtraError
from yolo_fer.results import FacePrediction, Prediction

sv = pytest.importorskip("supervision")


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
