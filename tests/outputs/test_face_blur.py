"""Hidden faces cannot be recognised, and stay hidden when the network misses them for a moment."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.helpers.frames import face, frame, noise
from yolo_fer.images import Image
from yolo_fer.outputs.face_blur import FaceBlur, blur_faces
from yolo_fer.predict.predicted import Predicted

IMAGE = noise(width=320, height=240)
BOX = (120.0, 80.0, 200.0, 170.0)
INNER = np.s_[95:155, 135:185]


def hide(blur: FaceBlur, predicted: Predicted) -> Image:
    assert predicted.image is not None
    return blur.hide(predicted.image, predicted.prediction)


def test_a_face_that_is_missed_stays_hidden_for_half_a_second() -> None:
    blur = FaceBlur()
    assert hide(blur, frame(0, face(BOX), image=IMAGE))[INNER].std() < 15
    for index in range(1, 40):
        shown = hide(blur, frame(index, image=IMAGE))
        assert (shown[INNER].std() < 15) == (index <= 15)


def test_a_face_that_moves_leaves_no_trail() -> None:
    blur = FaceBlur()
    for index in range(30):
        x = 20 + 4 * index
        shown = hide(blur, frame(index, face((x, 80, x + 60, 140)), image=IMAGE))
    assert (shown[:, :60] == IMAGE[:, :60]).all()


def test_another_video_starts_without_hidden_places() -> None:
    blur = FaceBlur()
    hide(blur, frame(9, face(BOX), image=IMAGE, source="a.mp4"))
    assert (hide(blur, frame(9, image=IMAGE, source="b.mp4")) == IMAGE).all()


def test_the_frame_given_stays_as_it_is() -> None:
    before = IMAGE.copy()
    hide(FaceBlur(), frame(0, face(BOX), image=IMAGE))
    assert (before == IMAGE).all()


@pytest.mark.parametrize("size", [40, 120, 600])
def test_of_a_blurred_face_at_most_36_colours_are_left(size: int) -> None:
    image = noise(width=2 * size, height=2 * size)
    box = (size / 2, size / 2, 1.5 * size, 1.5 * size)
    hidden = blur_faces(image, [face(box)])
    start, end = round(size * 0.25), round(size * 1.75)
    region = hidden[start:end, start:end]
    assert region.std() < 0.2 * image.std()
    # The region comes back from a picture of six by six, so nothing finer is in it.
    small = cv2.resize(region, (6, 6), interpolation=cv2.INTER_LINEAR)
    again = cv2.resize(small, region.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    assert np.abs(again.astype(int) - region).max() <= 16


def test_two_faces_that_differ_in_detail_look_the_same_when_blurred() -> None:
    # Detail that averages out within a cell is gone for good, however a reader filters.
    one, other = np.full((2, 240, 240, 3), 128, np.uint8)
    one[::2] += 60
    one[1::2] -= 60
    other[:, ::2] += 60
    other[:, 1::2] -= 60
    hidden = [blur_faces(image, [face((60, 60, 180, 180))]) for image in (one, other)]
    inner = np.s_[40:200, 40:200]
    assert np.abs(hidden[0][inner].astype(int) - hidden[1][inner]).max() <= 2


def test_a_blur_covers_the_face_with_a_margin_and_nothing_else() -> None:
    image = noise(width=300, height=200)
    changed = (blur_faces(image, [face((100, 80, 140, 120))]) != image).any(axis=2)
    assert changed[70:130, 90:150].mean() > 0.99
    assert changed.sum() == changed[70:130, 90:150].sum()


@pytest.mark.parametrize(
    "box", [(-50, -50, 20, 20), (280, 180, 400, 400), (500, 500, 600, 600), (9, 9, 9, 9)]
)
def test_a_face_at_the_edge_or_beyond_can_be_blurred(box: tuple[int, int, int, int]) -> None:
    image = noise(width=300, height=200)
    before = image.copy()
    assert blur_faces(image, [face(box)]).shape == image.shape
    assert (image == before).all()


def test_the_tiniest_face_is_blurred() -> None:
    image = noise(width=100, height=100)
    hidden = blur_faces(image, [face((40, 40, 46, 46))])
    assert hidden[39:47, 39:47].std() < 0.6 * image.std()
