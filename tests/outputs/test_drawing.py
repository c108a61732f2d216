from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from yolo_fer.boxes import intersection
from yolo_fer.emotions import Emotion
from yolo_fer.outputs import drawing
from yolo_fer.outputs.drawing import annotate
from yolo_fer.palette import BGR
from yolo_fer.results import FacePrediction


def face(
    box: tuple[float, float, float, float],
    emotion: Emotion = Emotion.HAPPINESS,
    score: float = 0.9,
    track: int | None = None,
) -> FacePrediction:
    return FacePrediction(box, tuple(score if e is emotion else 0.01 for e in Emotion), track)


def black(height: int, width: int) -> np.ndarray:
    return np.zeros((height, width, 3), np.uint8)


def coloured(image: np.ndarray, emotion: Emotion) -> np.ndarray:
    return (image == BGR[emotion]).all(axis=2)


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
        (450, 105, 500, 150),
        (495, 145, 500, 150),
        (-20, -30, 80, 40),
        (0, 0, 500, 150),
    ],
)
def test_the_label_lies_whole_inside_the_image(box: tuple[int, int, int, int]) -> None:
    def letters(box: tuple[int, int, int, int]) -> int:
        grey = np.full((150, 500, 3), 200, np.uint8)  # small enough for lines without a rim
        return int((annotate(grey, [face(box)]) < 60).all(axis=2).sum())

    assert letters(box) == letters((200, 60, 300, 100)) > 100


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

    assert width_of_line(100, 150) == 1
    assert width_of_line(360, 640) in (2, 3)  # OpenCV draws even widths one wider
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
    seen = np.array([((g + r) / 2, b) for b, g, r in BGR.values()])
    distances = np.abs(seen[:, None] - seen[None]).sum(axis=2) + np.eye(7) * 999
    assert distances.min() > 25


def test_labels_do_not_cover_each_other() -> None:
    first = face((60, 100, 110, 160), track=1, score=0.5)
    second = face((125, 100, 175, 160), Emotion.ANGER, track=2)
    alone, both = annotate(black(300, 620), [first]), annotate(black(300, 620), [second, first])
    label = np.s_[70:99]  # above the box
    area = coloured(alone, Emotion.HAPPINESS)[label]
    assert area[:, 130:].any(), "it reaches beyond the second face's left edge"
    assert (both[label][area] == alone[label][area]).all()
    assert coloured(both, Emotion.ANGER)[164:190].sum() > 500, "the second one stands below"


def test_a_box_in_a_small_picture_has_a_dark_rim() -> None:
    light = np.full((360, 640, 3), 255, np.uint8)
    row = annotate(light, [face((200, 100, 400, 300))])[200]
    (inside,) = np.nonzero(coloured(row[None], Emotion.HAPPINESS)[0])
    for edge in (inside[0] - 1, inside[-1] + 1):
        assert not row[edge].any()


def test_faces_of_one_image_are_numbered_as_in_the_list() -> None:
    boxes = [(40, 100, 140, 200), (240, 100, 340, 200), (440, 100, 540, 200)]
    drawn = annotate(black(300, 620), [face(box) for box in boxes])
    alone = annotate(black(300, 620), [face(boxes[0])])
    first, second, third = (drawn[60:99, x : x + 180] for x in (40, 240, 440))
    assert (first != second).any(axis=2).sum() < 0.1 * first[..., 0].size, "only the number differs"
    assert (first != second).any()
    assert (second != third).any()
    widths = [coloured(image[60:99, :230], Emotion.HAPPINESS).sum() for image in (drawn, alone)]
    assert widths[0] > widths[1], "a single face needs no number"


def test_in_a_crowd_a_label_finds_room_beside_its_face() -> None:
    above, below = face((200, 70, 300, 95), Emotion.FEAR), face((200, 205, 300, 230), Emotion.ANGER)
    middle = face((200, 100, 300, 200), score=0.5)
    drawn = coloured(annotate(black(400, 700), [above, below, middle]), Emotion.HAPPINESS)
    assert drawn[100:130, 305:].sum() > 500 or drawn[100:130, :195].sum() > 500


def test_in_a_crowd_of_two_hundred_few_places_are_looked_at_for_each_label(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    faces = [
        face((x, y, x + 44, y + 50), track=x * 720 + y)
        for x in range(0, 1280, 64)
        for y in range(0, 720, 72)
    ]
    looked_at: list[int] = []

    def counted(box: Any, others: Any) -> Any:
        looked_at.append(len(others))
        return intersection(box, others)

    monkeypatch.setattr(drawing, "intersection", counted)
    drawn = annotate(black(720, 1280), faces)
    assert len(faces) == 200
    assert len(looked_at) < 40 * len(faces)
    assert max(looked_at) < 2 * len(faces), "all boxes and labels at once, each once"
    assert coloured(drawn, Emotion.HAPPINESS).mean() > 0.1
