"""Motion JPEG over HTTP: every picture that is whole, whatever stands between them."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler

import pytest

from tests.helpers.saved_images import is_upright, picture, saved
from tests.helpers.web_server import serving
from yolo_fer.images import Image
from yolo_fer.inputs.live import SourceGone
from yolo_fer.inputs.motion_jpeg import connect_motion_jpeg

PICTURE = saved("JPEG")
SMALL = saved("JPEG", picture(30, 20))


def received(*pieces: bytes) -> list[Image]:
    """Return the pictures that come of some pieces, after which the server hangs up."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "multipart/x-mixed-replace")
        handler.end_headers()
        for piece in pieces:
            handler.wfile.write(piece)
            handler.wfile.flush()

    images = []
    with serving({"/": answer}) as server:
        connection = connect_motion_jpeg(f"{server}/", timeout_s=5)
        assert connection is not None
        with pytest.raises(SourceGone, match="its server ended it"):
            for time_s, image in connection.frames():
                assert time_s is None, "it has no clock"
                images.append(image)
        connection.close()
    return images


def test_pictures_come_in_order_with_or_without_a_boundary() -> None:
    boundary = b"--frame\r\nContent-Type: image/jpeg\r\n\r\n"
    for between in (b"", b"\r\n" + boundary):
        found = received(between + PICTURE, between + SMALL, between + PICTURE)
        assert [image.shape for image in found] == [(40, 60, 3), (20, 30, 3), (40, 60, 3)]
        assert all(is_upright(image) for image in found)


def test_a_picture_may_come_in_any_pieces() -> None:
    data = PICTURE + b"between" + PICTURE
    found = received(*(data[at : at + 97] for at in range(0, len(data), 97)))
    assert [image.shape for image in found] == 2 * [(40, 60, 3)]


def test_a_picture_that_was_damaged_on_its_way_is_left_out() -> None:
    damaged = PICTURE[:30] + PICTURE[-2:]  # it begins and ends as it should
    assert [image.shape for image in received(damaged, SMALL)] == [(20, 30, 3)]


def test_a_picture_that_does_not_end_is_not_shown() -> None:
    assert received(SMALL, PICTURE[:-2]) != []
    assert received(PICTURE[:-2]) == []


def test_what_has_an_end_or_is_no_picture_is_left_to_ffmpeg() -> None:
    def page(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()

    with serving({"/a.jpg": PICTURE, "/page": page}) as server:
        for path in ("a.jpg", "page", "gone"):
            assert connect_motion_jpeg(f"{server}/{path}", timeout_s=5) is None, path
    assert connect_motion_jpeg(f"{server}/a.jpg", timeout_s=5) is None, "nobody listens"
