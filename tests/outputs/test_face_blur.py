"""Hidden faces stay hidden when the network misses them for a moment."""

from __future__ import annotations

import numpy as np

from tests.helpers.frames import face, frame, noise
from yolo_fer.images import Image
from yolo_fer.outputs.face_blur import FaceBlur
from yolo_fer.predict.image_files import Predicted

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
