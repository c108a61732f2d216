"""What a server is asked, behind an address that may hold a name and a password."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from urllib.error import HTTPError
from urllib.request import build_opener

import pytest

from tests.helpers.web_server import send, serving
from yolo_fer.inputs.web_request import password_handlers, request


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("http://me:secret@host:81/a.png", "http://host:81/a.png"),
        ("http://me@host/a.png", "http://host/a.png"),
        ("https://host/ä b.png?at=1 2#top", "https://host/%C3%A4%20b.png?at=1%202"),
        ("https://host/%C3%A4.png?a=%20", "https://host/%C3%A4.png?a=%20"),  # encoded once
    ],
)
def test_a_server_is_asked_without_the_password_and_with_every_letter_encoded(
    address: str, asked: str
) -> None:
    assert request(address).full_url == asked


def test_a_server_is_told_who_asks() -> None:
    assert request("http://host/").get_header("User-agent") == "yolo-fer"


def ask_for_password(handler: BaseHTTPRequestHandler) -> None:
    if handler.headers.get("Authorization") == "Basic bWU6czpj":  # me, s:c
        send(handler, b"open")
        return
    handler.send_response(401)
    handler.send_header("WWW-Authenticate", 'Basic realm="camera"')
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def read(address: str) -> bytes:
    data = build_opener(*password_handlers(address)).open(request(address), timeout=5).read()
    return bytes(data)


def test_the_password_of_an_address_is_given_to_the_server_that_asks_for_it() -> None:
    with serving({"/a": ask_for_password}) as server:
        place = server.removeprefix("http://")
        assert read(f"http://me:s%3Ac@{place}/a") == b"open"
        for other in (server, f"http://me:wrong@{place}", f"http://me@{place}"):
            with pytest.raises(HTTPError, match="401"):
                read(f"{other}/a")
