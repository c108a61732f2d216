"""What can be asked of the result of an image can be asked of that of a frame."""

from __future__ import annotations

import pytest

from tests.helpers.results import GREY, HAPPY, SAD, result
from yolo_fer import Predicted, Prediction, Result
from yolo_fer.outputs.drawing import annotate
from yolo_fer.results import FacePrediction


def both_kinds(*faces: FacePrediction) -> list[Result]:
    prediction = result(*faces, source="a.jpg")
    return [prediction, Predicted(GREY, Prediction("a.jpg", 400, 300, faces))]


def test_a_frame_answers_to_the_names_that_an_image_does() -> None:
    prediction = Prediction("a.mp4", 400, 300, (HAPPY,), frame=3, time_ms=120.0)
    frame = Predicted(GREY, prediction)
    assert str(frame) == str(prediction) == "a.mp4 frame 3: 1 face: " + HAPPY.caption
    for name in ("faces", "source", "frame", "time_ms", "error", "speed"):
        assert getattr(frame, name) == getattr(prediction, name), name
    assert frame == Predicted(GREY.copy(), prediction), "what was found counts, not the pixels"
    assert "array" not in repr(frame)


@pytest.mark.parametrize("found", both_kinds(HAPPY, SAD))
def test_of_an_image_and_of_a_frame_the_same_can_be_asked(found: Result) -> None:
    assert len(found) == 2
    assert [face.emotion.label for face in found] == ["happiness", "sadness"]
    assert (found.plot() == annotate(GREY, (HAPPY, SAD))).all()
    assert found.to_json()["faces"][0]["emotion"] == "happiness"
    assert len(found.to_supervision()) == 2
    assert found.result.faces == (HAPPY, SAD)
