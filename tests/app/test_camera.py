from __future__ import annotations

import base64
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


def _address(data: bytes, parameters: str = "") -> str:
    return f"data:image/jpeg{parameters};base64,{base64.b64encode(data).decode()}"


def test_a_frame_comes_back_with_its_faces_drawn_and_the_time_at_which_it_was_taken(
    detector: Detector,
) -> None:
    live = look_at(_address(encode_jpeg(GREY), ";taken=1700000000123"), Visitor(0), detector)
    (face,) = live.prediction.faces
    assert face.emotion.label == "happiness"
    assert live.taken_ms == 1700000000123
    picture = decode(base64.b64decode(live.picture.partition(",")[2]))
    assert picture.shape == GREY.shape
    assert np.ptp(picture) > 100  # a box and a label
    assert live.milliseconds > 0


def test_a_face_keeps_its_number_and_its_scores_are_averaged(detector: Detector) -> None:
    visitor = Visitor(1.0)
    frames = [look_at(_address(encode_jpeg(GREY)), visitor, detector) for _ in range(6)]
    tracks = {face.track for frame in frames[2:] for face in frame.prediction.faces}
    assert len(tracks) == 1
    assert tracks != {None}
    assert [frame.prediction.frame for frame in frames] == list(range(6))
    assert visitor.frames_per_second is not None


def test_visitors_do_not_share_anything(detector: Detector) -> None:
    first, second = Visitor(1.0), Visitor(1.0)
    for _ in range(3):
        look_at(_address(encode_jpeg(GREY)), first, detector)
    assert look_at(_address(encode_jpeg(GREY)), second, detector).prediction.frame == 0


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://example.org/x.jpg",
        "file:///etc/passwd",
        "data:text/html;base64,AAAA",
        "data:image/jpeg;base64,%%%",
        _address(b""),
        _address(b"no image"),
        _address(encode_jpeg(GREY)[:500]),
        _address(encode_jpeg(np.zeros((8, 4000, 3), np.uint8))),
        _address(_saved("PNG")),
        _address(_saved("WEBP")),
        _address(_saved("JPEG", progressive=True)),  # of many scans, it could take a minute
    ],
)
def test_what_is_no_small_picture_of_a_browser_is_refused(detector: Detector, address: str) -> None:
    with pytest.raises(ImageError):
        look_at(address, Visitor(0), detector)
