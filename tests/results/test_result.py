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


@pytest.mark.parametrize("found", both_kinds(HAPPY, SAD))
def test_of_an_image_and_of_a_frame_the_same_can_be_asked(found: Result) -> None:
    assert len(found) == 2
    assert [face.emotion.label for face in found] == ["happiness", "sadness"]
    assert (found.plot() == annotate(GREY, (HAPPY, SAD))).all()
    assert found.to_json()["faces"][0]["emotion"] == "happiness"
    assert len(found.to_supervision()) == 2
    assert found.result.faces == (HAPPY, SAD)
