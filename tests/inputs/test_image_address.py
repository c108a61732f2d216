"""An image behind an address comes whole and in time, or there is a reason why not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler

import pytest

from tests.helpers.web_server import Answer, drip, redirect, send, serving
from yolo_fer.errors import ImageError, UsageError
from yolo_fer.inputs.image_address import fetch_image, leads_to_image
from yolo_fer.inputs.listing import ImageInput, VideoInput, collect_inputs

DATA = bytes(range(256)) * 1000


def reason(address: str, **limits: float) -> tuple[str, str]:
    with pytest.raises(ImageError) as caught:
        fetch_image(address, **limits)  # type: ignore[arg-type]
    return caught.value.reason, str(caught.value)


def ask_for_password(handler: BaseHTTPRequestHandler) -> None:
    if handler.headers.get("Authorization") == "Basic bWU6czpj":  # me, s:c
        send(handler, DATA)
        return
    handler.send_response(401)
    handler.send_header("WWW-Authenticate", 'Basic realm="camera"')
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def test_a_file_comes_as_it_is_also_from_an_odd_name() -> None:
    with serving({"/a.png": DATA, "/%C3%A4%20b.png": DATA}) as server:
        assert fetch_image(f"{server}/a.png") == DATA
        assert fetch_image(f"{server}/a.png?size=large#top") == DATA
        assert fetch_image(f"{server}/ä b.png") == DATA
        assert fetch_image(f"{server}/%C3%A4%20b.png") == DATA


def test_a_redirect_is_followed_but_not_for_ever_nor_out_of_the_web() -> None:
    answers = {
        "/a": partial(redirect, target="/b"),
        "/b": DATA,
        "/circle": partial(redirect, target="/circle?again"),
        "/file": partial(redirect, target="file:///etc/hostname"),
        "/ftp": partial(redirect, target="ftp://127.0.0.1/a.png"),
    }
    answers |= {f"/{n}": partial(redirect, target=f"/{n + 1}") for n in range(9)}
    with serving(answers) as server:
        assert fetch_image(f"{server}/a") == DATA
        for path in ("circle", "0", "file", "ftp"):
            assert reason(f"{server}/{path}")[0] == "unreadable_image", path


def test_a_password_opens_its_own_server_and_stands_in_no_message() -> None:
    with serving({"/a.png": ask_for_password}) as server:
        place = server.removeprefix("http://")
        assert fetch_image(f"http://me:s%3Ac@{place}/a.png") == DATA
        why, text = reason(f"http://me:SECRET@{place}/a.png")
        assert why == "unreadable_image"
        assert "401" in text
        assert "SECRET" not in text
        with serving({"/away": partial(redirect, target=f"{server}/a.png")}) as other:
            place = other.removeprefix("http://")
            assert "401" in reason(f"http://me:s%3Ac@{place}/away")[1]


def test_what_is_not_there_is_missing() -> None:
    with serving({}) as server:
        why, text = reason(f"{server}/a.png")
    assert why == "missing_image"
    assert "404" in text
    assert reason(f"{server}/a.png")[0] == "unreadable_image"  # nobody listens any more
    assert reason("http://no-such-host.invalid/a.png")[0] == "unreadable_image"


def test_what_is_too_large_is_refused_before_it_comes_and_while_it_comes() -> None:
    def send_without_end(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(DATA)

    def announce(handler: BaseHTTPRequestHandler) -> None:
        send(handler, b"", length=1 << 40)

    with serving({"/endless": send_without_end, "/announced": announce}) as server:
        for path in ("endless", "announced"):
            began = time.monotonic()
            assert reason(f"{server}/{path}", most=1_000_000)[0] == "image_too_large"
            assert time.monotonic() - began < 3


def test_a_body_that_drips_or_stops_is_given_up() -> None:
    def stop(handler: BaseHTTPRequestHandler) -> None:
        send(handler, DATA, length=2 * len(DATA))

    def hang(handler: BaseHTTPRequestHandler) -> None:
        stop(handler)
        time.sleep(2)

    answers = {"/drips": partial(drip, seconds=0.05), "/hangs": hang, "/stops": stop}
    with serving(answers) as server:
        why, text = reason(f"{server}/drips", whole_s=0.4)
        assert (why, "too slowly" in text) == ("unreadable_image", True)
        why, text = reason(f"{server}/hangs", silence_s=0.3)
        assert (why, "0.3 s" in text) == ("unreadable_image", True)
        assert reason(f"{server}/stops")[0] == "truncated_image"


@pytest.mark.parametrize("kind", ["video/mp4", "multipart/x-mixed-replace; boundary=frame"])
def test_a_video_or_a_stream_is_no_image(kind: str) -> None:
    with serving({"/live": partial(send, data=DATA, kind=kind)}) as server:
        why, text = reason(f"{server}/live")
    assert why == "not_an_image"
    assert "use `stream`" in text


@pytest.mark.parametrize(
    "address", ["http://", "http:///a.jpg", "http://host:port/a.jpg", "http://[::1/a", "ftp://a/b"]
)
def test_what_is_no_address_of_a_server_is_wrong_usage(address: str) -> None:
    with pytest.raises(UsageError, match="no address"):
        fetch_image(address)


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
