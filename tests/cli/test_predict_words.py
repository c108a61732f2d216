from __future__ import annotations

import pytest

from yolo_fer.cli.predict_words import describe
from yolo_fer.results import FacePrediction, Prediction

HAPPY = FacePrediction((10, 20, 40, 60), (0, 0, 0, 0.75, 0, 0, 0.25))
FOLLOWED = FacePrediction((10, 20, 40, 60), (0, 0.5, 0, 0, 0, 0, 0), track=3)


@pytest.mark.parametrize(
    ("prediction", "line"),
    [
        (Prediction("a.jpg", 9, 9, (HAPPY,)), "a.jpg: happiness 75 %"),
        (Prediction("a.jpg", 9, 9), "a.jpg: no face"),
        (Prediction("a.jpg", 0, 0, error="a.jpg: empty"), "a.jpg: unreadable"),
        (
            Prediction("a.mp4", 9, 9, (HAPPY, FOLLOWED), frame=7, time_ms=280.0),
            "a.mp4 frame 7 at 0.28 s: happiness 75 %, disgust 100 % #3",
        ),
    ],
)
def test_an_image_or_a_frame_is_a_line(prediction: Prediction, line: str) -> None:
    assert describe(prediction) == line
