"""Whether an image or a stream is behind an address: the server is asked."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from tests.helpers.web_server import Answer, send, serving
from yolo_fer.inputs.image_address import leads_to_image
from yolo_fer.inputs.listing import ImageInput, VideoInput, collect_inputs

ASKED: list[str] = []


def of_kind(kind: str, *, with_length: bool = True) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        ASKED.append(handler.path)
        if with_length:
            send(handler, b"some bytes", kind=kind)
            return
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.end_headers()

    return answer


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    answers = {
        "/photo": of_kind("image/png"),
        "/a.jpg": of_kind("application/octet-stream"),
        "/chunked.jpg": of_kind("image/jpeg", with_length=False),
        "/endless": of_kind("image/jpeg", with_length=False),
        "/cam.jpg": of_kind("multipart/x-mixed-replace", with_length=False),
        "/wave": of_kind("image/gif"),
        "/film": of_kind("video/mp4"),
        "/film.mp4": of_kind("video/mp4"),
        "/page": of_kind("text/html"),
    }
    with serving(answers) as address:
        yield address


@pytest.mark.parametrize(
    ("path", "is_image"),
    [
        ("photo", True),  # the type says it
        ("a.jpg", True),  # the name says it, where the type says nothing
        ("chunked.jpg", True),
        ("endless", False),  # cameras send picture after picture so
        ("cam.jpg", False),
        ("wave", False),  # it may be animated
        ("film", False),
        ("page", False),
        ("gone", False),
        ("gone.jpg", True),  # then reading it says that it is gone
    ],
)
def test_the_type_tells_and_else_the_name(host: str, path: str, is_image: bool) -> None:
    assert leads_to_image(f"{host}/{path}") == is_image
    (item,) = collect_inputs([f"{host}/{path}"])
    assert isinstance(item, ImageInput if is_image else VideoInput)


def test_nobody_is_asked_about_what_is_called_a_video(host: str) -> None:
    ASKED.clear()
    assert not leads_to_image(f"{host}/film.mp4?user=me")
    assert not leads_to_image("rtsp://127.0.0.1:9/a.jpg")
    assert ASKED == []


def test_a_server_that_cannot_be_reached_leaves_it_to_the_name() -> None:
    assert leads_to_image("http://127.0.0.1:9/a.jpg")
    assert not leads_to_image("http://127.0.0.1:9/stream")
