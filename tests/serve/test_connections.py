"""Connections that do not stay for nothing."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.helpers.answering import Answering, answers
from tests.helpers.predictors import BrightnessPredictor
from yolo_fer.serve import connections
from yolo_fer.serve.limits import RequestLimits


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)


def _seconds_until_closed(server: Answering, *pieces: bytes) -> float:
    with server.connect() as client:
        start = time.monotonic()
        for piece in pieces:
            client.sendall(piece)
            time.sleep(0.05)
        while client.recv(65536):
            pass
        return time.monotonic() - start


def test_a_client_that_asks_nothing_is_not_waited_for() -> None:
    with answers(BrightnessPredictor()) as server:
        assert 0.2 < _seconds_until_closed(server) < 2


def test_a_head_that_drips_is_not_waited_for() -> None:
    with answers(BrightnessPredictor()) as server:
        drops = [b"GET /healthz HTTP/1.1\r\n", *[b"X: x\r\n"] * 3]
        assert 0.2 < _seconds_until_closed(server, *drops) < 2


def test_nor_one_that_drips_behind_an_answer() -> None:
    whole = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with answers(BrightnessPredictor()) as server:
        assert 0.2 < _seconds_until_closed(server, whole, b"GET /h", b"ealthz") < 2
        assert len(server.lines) == 1


def test_a_body_may_take_longer_than_a_head(picture: bytes) -> None:
    head = f"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(picture)}\r\n\r\n"
    with answers(BrightnessPredictor()) as server, server.connect() as client:
        client.sendall(head.encode() + picture[:100])
        time.sleep(0.6)
        client.sendall(picture[100:])
        assert client.recv(100).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "sent",
    [b"nonsense\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\n\r\n",
     b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000,
     b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
     b"POST /predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
)  # fmt: skip
def test_what_is_no_request_ends_and_harms_nobody(sent: bytes) -> None:
    with answers(BrightnessPredictor()) as server:
        with suppress(ConnectionError):  # it may be closed under what is still being sent
            assert _seconds_until_closed(server, sent) < 5
        assert server.ask("GET", "/healthz").status == 200


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux tells open files so")
def test_a_client_that_does_not_read_loses_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "READING_SECONDS", 0.3)

    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    with answers(BrightnessPredictor(), RequestLimits(timeout=0.5)) as server:
        page = server.ask("GET", "/docs").body
        time.sleep(0.3)  # until that connection is gone from both ends
        before = open_files()
        with server.connect() as client:
            client.settimeout(0.2)
            with suppress(TimeoutError):
                for _ in range(20_000_000 // len(page)):
                    client.sendall(b"GET /docs HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert open_files() == before + 2
            until = time.monotonic() + 10
            while open_files() > before + 1:  # the client's own end
                assert time.monotonic() < until
                time.sleep(0.05)
        assert server.ask("GET", "/healthz").status == 200
