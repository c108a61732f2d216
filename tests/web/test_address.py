"""Where something listens."""

from __future__ import annotations

import socket

import pytest

from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.web.address import Address


@pytest.mark.parametrize(
    ("host", "url", "is_local"),
    [
        ("127.0.0.1", "http://127.0.0.1:80/", True),
        ("::1", "http://[::1]:80/", True),
        ("localhost", "http://localhost:80/", True),
        ("0.0.0.0", "http://127.0.0.1:80/", False),  # noqa: S104
        ("::", "http://[::1]:80/", False),
        ("192.168.1.7", "http://192.168.1.7:80/", False),
    ],
)
def test_what_to_type_into_a_browser(host: str, url: str, is_local: bool) -> None:
    address = Address(host, 80)
    assert (address.url, address.is_local) == (url, is_local)


def test_a_port_that_is_taken_is_named_with_what_to_do() -> None:
    with Address("127.0.0.1", 0).bind() as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(YoloFerError, match=f"port {port} of 127.0.0.1 .* `port`"):
            Address("127.0.0.1", port).check_free()
    Address("127.0.0.1", port).check_free()


@pytest.mark.parametrize("host", ["no.such.invalid", "a" * 70, "." * 300])
def test_a_host_that_is_none(host: str) -> None:
    with pytest.raises(UsageError, match="no such address"):
        Address(host, 80).bind()


def test_nobody_is_let_in_before_somebody_listens() -> None:
    with Address("127.0.0.1", 0).bind() as taken, socket.socket() as visitor:
        assert visitor.connect_ex(taken.getsockname()) != 0
