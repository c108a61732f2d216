"""Bodies that are too long, too slow or too many."""

from __future__ import annotations

import threading
import time

import pytest

from tests.helpers.answering import FORM, Answering, answers, form, grey
from tests.helpers.held_predictor import HeldPredictor
from tests.helpers.predictors import BrightnessPredictor
from yolo_fer.serve.limits import RequestLimits

HEAD = "POST /predict HTTP/1.1\r\nHost: localhost\r\n"
SMALL = RequestLimits(upload_mb=1, total_mb=2, timeout=30)


def _raw(server: Answering, head: str, *pieces: bytes, pause: float = 0) -> bytes:
    """What comes back for a request that is sent piece by piece."""
    with server.connect() as client:
        client.sendall(f"{HEAD}{head}\r\n\r\n".encode())
        for piece in pieces:
            time.sleep(pause)
            client.sendall(piece)
        got = b""
        while chunk := client.recv(65536):
            got += chunk
        return got


def test_a_body_that_comes_too_slowly_is_not_waited_for() -> None:
    with answers(BrightnessPredictor(), RequestLimits(timeout=1)) as server:
        start = time.monotonic()
        got = _raw(server, "Content-Length: 1000", *[b"\xff"] * 3, pause=0.05)
        assert b" 408 " in got
        assert b"slow_body" in got
        assert time.monotonic() - start < 4
        got = _raw(server, "Transfer-Encoding: chunked", b"1\r\n\xff\r\n")
        assert b" 408 " in got


def test_what_is_too_large_is_refused_before_it_comes() -> None:
    with answers(BrightnessPredictor(), SMALL) as server, server.connect() as client:
        client.sendall(f"{HEAD}Content-Length: 1000001\r\nExpect: 100-continue\r\n\r\n".encode())
        got = client.recv(65536)
        assert got.startswith(b"HTTP/1.1 413"), "and nobody is told to send it"


def test_a_client_that_is_still_sending_can_read_why_it_is_refused() -> None:
    with answers(BrightnessPredictor(), SMALL) as server:
        for body, headers in ((bytes(8_000_000), {}), (form(("a", bytes(8_000_000))), FORM)):
            for _ in range(3):  # a reset would not come each time
                answer = server.predict(body, headers)
                assert (answer.status, answer.reason) == (413, "too_many_bytes")
                assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("charset", ["undefined", "punycode", "nonsense"])
def test_a_form_of_a_charset_that_is_not_read_is_refused(
    server: Answering, picture: bytes, charset: str
) -> None:
    field = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\nx\r\n'
    kind = {"Content-Type": f"{FORM['Content-Type']}; charset={charset}"}
    answer = server.predict(field + form(("a.jpg", picture)), kind)
    assert (answer.status, answer.reason) == (400, "broken_form")
    assert "utf-8" in answer.json["error"]
    whole = {"Content-Type": f"{FORM['Content-Type']}; charset=UTF-8"}
    assert server.predict(field + form(("a.jpg", picture)), whole).status == 200


def test_a_body_that_does_not_say_its_length_is_cut_off() -> None:
    with answers(BrightnessPredictor(), SMALL) as server:
        answer = server.predict(iter([bytes(400_000)] * 5))
        assert (answer.status, answer.reason) == (413, "too_many_bytes")


def test_all_requests_together_hold_no_more_than_they_may() -> None:
    limits = RequestLimits(upload_mb=1, total_mb=1, timeout=20)
    with answers(BrightnessPredictor(), limits) as server, server.connect() as slow:
        slow.sendall(f"{HEAD}Content-Length: 990000\r\n\r\n".encode() + bytes(980_000))
        until = time.monotonic() + 10
        while server.metric("yolo_fer_held_bytes") < 980_000:
            assert time.monotonic() < until
        answer = server.predict(bytes(300_000))
        assert (answer.status, answer.reason) == (429, "too_much_in_hand")
        assert "retry-after" in answer.headers
        slow.close()
        while server.metric("yolo_fer_held_bytes"):
            assert time.monotonic() < until, "what it held was not given back"
        assert server.predict(grey(3)).status == 200


def test_a_full_queue_is_said_before_the_body_is_read(picture: bytes) -> None:
    held = HeldPredictor()
    with answers(held, RequestLimits(queue=2, batch=1)) as server:
        clients = [threading.Thread(target=server.predict, args=(picture,)) for _ in range(2)]
        for client in clients:
            client.start()
        until = time.monotonic() + 10
        while server.metric("yolo_fer_queue_images") < 2:
            assert time.monotonic() < until
        got = _raw(server, "Content-Length: 500")
        assert b" 429 " in got
        assert b"queue_full" in got
        assert b"retry-after: 1" in got
        held.go.set()
        for client in clients:
            client.join(10)
        assert server.predict(picture).status == 200


@pytest.mark.parametrize("name", ["../../etc/passwd", 'a"b', "ü.jpg", "x" * 300])
def test_a_file_name_is_only_a_name(server: Answering, picture: bytes, name: str) -> None:
    escaped = name.replace('"', "%22")
    answer = server.predict(form((escaped, picture)), FORM)
    assert answer.status == 200
    assert answer.json["source"] == escaped
