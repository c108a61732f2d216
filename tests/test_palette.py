from __future__ import annotations

import re

import pytest

from yolo_fer.emotions import Emotion
from yolo_fer.palette import BGR, COLOURS


@pytest.mark.parametrize("emotion", Emotion)
def test_a_colour_is_the_same_on_a_page_and_in_opencv(emotion: Emotion) -> None:
    assert re.fullmatch("#[0-9a-f]{6}", COLOURS[emotion])
    blue, green, red = BGR[emotion]
    assert f"#{red:02x}{green:02x}{blue:02x}" == COLOURS[emotion]


def test_no_two_emotions_share_a_colour() -> None:
    assert len(set(COLOURS.values())) == len(Emotion)
