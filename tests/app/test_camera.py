from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as PillowImage

from yolo_fer.app.camera import Visitor, look_at
from yolo_fer.detector import Detector
from yolo_fer.errors import ImageError
from yolo_fer.images import decode, encode_jpeg

pytest.importorskip("trackers")
GREY = np.full((320, 320, 3), 128, np.uint8)


def _saved(format: str, **options: bool) -> bytes:
    data = io.BytesIO()
    PillowImage.fromarray(GREY).save(data, format, **options)
    return data.getvalue()


FRAME = encode_jpeg(GREY)


def test_a_frame_comes_back_with_its_faces_drawn(detector: Detector) -> None:
    live = look_at(FRAME, Visitor(), detector, 0)
    (face,) = live.prediction.faces
    assert face.emotion.label == "happiness"
    picture = decode(live.picture)
    assert picture.shape == GREY.shape
    assert np.ptp(picture) > 100  # a box and a label
    assert live.milliseconds > 0


def test_a_face_keeps_its_number_and_its_scores_are_averaged(detector: Detector) -> None:
    visitor = Visitor()
    frames = [look_at(FRAME, visitor, detector, smooth) for smooth in (1, 1, 1, 1, 0, 0)]
    tracks = {face.track for frame in frames[2:] for face in frame.prediction.faces}
    assert tracks == {1}, "also when other seconds are chosen"
    assert [frame.prediction.frame for frame in frames] == list(range(6))
    assert visitor.frames_per_second is not None


def test_visitors_do_not_share_anything(detector: Detector) -> None:
    first, second = Visitor(), Visitor()
    for _ in range(3):
        look_at(FRAME, first, detector, 1)
    assert look_at(FRAME, second, detector, 1).prediction.frame == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no image",
        FRAME[:500],
        encode_jpeg(np.zeros((8, 4000, 3), np.uint8)),
        _saved("PNG"),
        _saved("WEBP"),
        _saved("JPEG", progressive=True),  # of many scans, it could take a minute
    ],
)
def test_what_is_no_small_picture_of_a_browser_is_refused(
    detector: Detector, content: bytes
) -> None:
    with pytest.raises(ImageError):
        look_at(content, Visitor(), detector, 0)
