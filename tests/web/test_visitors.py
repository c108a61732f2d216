"""Who may speak to what listens here."""

from __future__ import annotations

import socket

import pytest

from yolo_fer.web.address import Address
from yolo_fer.web.visitors import Visitors, content_length

VISITORS = Visitors(Address("127.0.0.1", 7860, ("Faces.example", "192.168.1.8")))
HERE = f"{socket.gethostname().lower()}:7860"


@pytest.mark.parametrize(
    ("host", "welcome"),
    [
        ("localhost:7860", True),
        ("LOCALHOST", True),
        ("127.0.0.1:7860", True),
        ("[::1]:7860", True),
        ("192.168.1.7", True),
        ("faces.example", True),
        ("evil.example:7860", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
        ("[bad", False),
        ("\xff", False),
    ],
)
def test_only_known_names_are_answered(host: str, welcome: bool) -> None:
    objection = VISITORS.objection({"host": host})
    assert (objection is None) == welcome
    assert welcome or "`allow_host`" in str(objection)


@pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1:7860", "[::1]:7860", HERE])
def test_a_page_may_send_to_where_it_comes_from_and_no_other_port(host: str) -> None:
    def welcome(origin: str) -> bool:
        return VISITORS.objection({"host": host, "origin": origin}) is None

    assert welcome(f"http://{host}")
    others = ["localhost", "127.0.0.1", "[::1]", HERE.partition(":")[0]]
    assert not any(welcome(f"http://{other}:9999") for other in others)
    assert not any(welcome(f"http://{other}") for other in others)


def test_a_name_of_this_computer_may_be_allowed_for_a_proxy_on_another_port() -> None:
    visitors = Visitors(Address("127.0.0.1", 7860, ("localhost",)))
    headers = {"host": "127.0.0.1:7860", "origin": "https://localhost:8443"}
    assert visitors.objection(headers) is None


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        ("http://localhost:7860", True),
        ("https://faces.example", True),  # a proxy that asks under another name
        ("http://192.168.1.8:8443", True),  # or number
        ("http://192.168.1.7:8443", False),
        ("http://localhost:3000", False),  # another page of this computer
        ("https://evil.example", False),
        ("https://localhost:7860.evil.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_other_pages_cannot_send_anything(origin: str, welcome: bool) -> None:
    objection = VISITORS.objection({"host": "localhost:7860", "origin": origin})
    assert (objection is None) == welcome


@pytest.mark.parametrize(
    ("text", "length"), [("5", 5), ("-1", None), ("9" * 50, None), ("1e3", None), ("", None)]
)
def test_a_length_is_a_number_that_can_be(text: str, length: int | None) -> None:
    assert content_length({"content-length": text}) == length
