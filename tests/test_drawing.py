from __future__ import annotations

import numpy as np
import pytest

from yolo_fer.drawing import COLOURS, annotate
from yolo_fer.emotions import Emotion
from yolo_fer.predictions import FacePrediction


def face(
    box: tuple[float, float, float, float], emotion: Emotion = Emotion.HAPPINESS, score: float = 0.9
) -> FacePrediction:
    return FacePrediction(box, tuple(score if e is emotion else 0.01 for e in Emotion))


def black(height: int, width: int) -> np.ndarray:
    return np.zeros((height, width, 3), np.uint8)


def coloured(image: np.ndarray, emotion: Emotion) -> np.ndarray:
    return (image == COLOURS[emotion]).all(axis=2)


@pytest.mark.parametrize("emotion", list(Emotion))
def test_the_box_has_the_colour_of_its_emotion(emotion: Emotion) -> None:
    drawn = coloured(annotate(black(400, 600), [face((200, 150, 300, 260), emotion)]), emotion)
    for y, x in ((200, 200), (200, 300), (150, 250), (260, 250)):
        assert drawn[y - 1 : y + 2, x - 1 : x + 2].any()
    assert not drawn[160:250, 210:290].any()  # the face itself stays visible


def test_the_image_given_is_not_changed() -> None:
    image = black(100, 100)
    annotate(image, [face((20, 20, 80, 80))])
    assert not image.any()


@pytest.mark.parametrize(
    "box",
    [
        (0, 0, 100, 90),
        (450, 0, 500, 90),
        (450, 200, 500, 245),
        (495, 240, 500, 245),
        (-20, -30, 80, 40),
        (0, 0, 500, 245),
    ],
)
def test_the_label_lies_whole_inside_the_image(box: tuple[int, int, int, int]) -> None:
    def letters(box: tuple[int, int, int, int]) -> int:
        white = np.full((245, 500, 3), 255, np.uint8)  # small enough for lines without a rim
        return int((annotate(white, [face(box)]) < 60).all(axis=2).sum())

    assert letters(box) == letters((200, 100, 300, 160)) > 100


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (5, 5), (48, 48), (3000, 4000)])
def test_an_image_of_any_size_can_be_drawn_on(size: tuple[int, int]) -> None:
    drawn = annotate(black(*size), [face((0, 0, size[1], size[0]))])
    assert drawn.shape == (*size, 3)
    assert coloured(drawn, Emotion.HAPPINESS).any()


def test_lines_grow_with_the_image() -> None:
    def width_of_line(height: int, width: int) -> int:
        box = (0.25 * width, 0.25 * height, 0.75 * width, 0.75 * height)
        row = coloured(annotate(black(height, width), [face(box)]), Emotion.HAPPINESS)[height // 2]
        return int(row.sum()) // 2

    assert width_of_line(200, 300) == 1
    assert width_of_line(2000, 3000) >= 8


def test_the_best_face_lies_on_top() -> None:
    best, other = (
        face((100, 100, 200, 200), score=0.9),
        face((100, 100, 200, 200), Emotion.FEAR, 0.4),
    )
    for faces in ([best, other], [other, best]):
        drawn = annotate(black(400, 600), faces)
        assert coloured(drawn, Emotion.HAPPINESS)[150, 95:105].any()
        assert not coloured(drawn, Emotion.FEAR)[150, 95:105].any()


def test_the_colours_differ_in_brightness_or_hue_for_everybody() -> None:
    # A deuteranope sees roughly the mean of red and green, and blue.
    seen = np.array([((g + r) / 2, b) for b, g, r in COLOURS.values()])
    distances = np.abs(seen[:, None] - seen[None]).sum(axis=2) + np.eye(7) * 999
    assert distances.min() > 25
