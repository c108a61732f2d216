"""Who may ask, how long it may take, and what is noted."""

from __future__ import annotations

import re
import threading
import time

import pytest

from tests.helpers.answering import FORM, Answer, Answering, answers, form, grey
from tests.helpers.held_predictor import HeldPredictor
from tests.helpers.predictors import BrightnessPredictor
from yolo_fer.serve.limits import RequestLimits
from yolo_fer.serve.token import Token

SECRET = "a-secret-of-some-length"  # noqa: S105
BEARER = {"Authorization": f"Bearer {SECRET}"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},  # a name whose address was changed to ours
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9"},  # another page of this computer
    ],
)
@pytest.mark.parametrize("path", ["/predict", "/healthz", "/metrics", "/docs"])
def test_other_pages_and_names_are_refused(
    server: Answering, path: str, headers: dict[str, str]
) -> None:
    answer = server.ask("POST" if path == "/predict" else "GET", path, None, headers)
    assert (answer.status, answer.reason) == (403, "not_welcome")


def test_names_of_a_proxy_can_be_allowed(picture: bytes) -> None:
    with answers(BrightnessPredictor(), names=("faces.example",)) as server:
        headers = {"Host": "faces.example", "Origin": "https://faces.example"}
        assert server.predict(picture, headers).status == 200


def test_without_the_token_nothing_is_predicted_or_counted_aloud(picture: bytes) -> None:
    with answers(BrightnessPredictor(), token=Token(SECRET)) as server:
        wrong: list[dict[str, str]] = [
            {},
            {"Authorization": SECRET},
            {"Authorization": f"Basic {SECRET}"},
            {"Authorization": f"Bearer {SECRET}x"},
            {"Authorization": f"Bearer {SECRET[:-1]}"},
            {"Authorization": "Bearer \xff"},
            {"Authorization": "Bearer "},
        ]
        for headers in wrong:
            answer = server.predict(picture, headers)
            assert (answer.status, answer.reason) == (401, "no_token")
            assert answer.headers["www-authenticate"] == "Bearer"
            assert SECRET not in answer.body.decode()
        assert server.ask("GET", "/metrics").status == 401
        assert server.ask("GET", "/healthz").status == 200, "whoever watches has no token"
        assert server.predict(picture, BEARER).status == 200
        assert server.predict(picture, {"Authorization": f"bearer {SECRET}"}).status == 200
        assert b'status="401"' in server.ask("GET", "/metrics", None, BEARER).body
    assert SECRET not in "\n".join(server.lines)


def test_a_line_for_each_request_and_no_secret_in_it() -> None:
    with answers(BrightnessPredictor(), token=Token(SECRET)) as server:
        server.predict(form(("private name.jpg", grey(9))), FORM | BEARER)
        server.ask("GET", "/private/path%0Aforged%20line?key=private")
        server.ask("PRIVATE", "/predict?key=private", None, {"X": "private"} | BEARER)
    assert len(server.lines) == 3
    shape = r"\S+T\S+ 127\.0\.0\.1 [A-Z]+ (/predict|other) \d{3} \d+ ms, \d+ bytes"
    assert all(re.match(shape, line) for line in server.lines)
    assert server.lines[0].endswith(", images: 1, faces: 1")
    text = "\n".join(server.lines)
    assert not re.search(f"private|forged|{SECRET}", text.replace("PRIVATE /", ""))


def test_an_answer_that_takes_too_long_is_broken_off(picture: bytes) -> None:
    held = HeldPredictor()
    with answers(held, RequestLimits(timeout=0.4)) as server:
        start = time.monotonic()
        answer = server.predict(picture)
        assert time.monotonic() - start < 3
        assert (answer.status, answer.reason) == (503, "time_over")
        assert answer.headers["retry-after"] == "1"
        held.go.set()
        assert server.predict(picture).status == 200


def test_being_stopped_finishes_what_is_in_flight_and_takes_nothing_new(picture: bytes) -> None:
    held = HeldPredictor()
    found: list[Answer] = []
    with answers(held) as server:
        client = threading.Thread(target=lambda: found.append(server.predict(picture)))
        client.start()
        assert held.runs_begun.acquire(timeout=10)
        idle = server.connect()  # kept open by a client that has nothing to ask
        opener = threading.Timer(1.0, held.go.set)
        opener.start()
    client.join(10)
    assert [answer.status for answer in found] == [200]
    assert found[0].headers["connection"] == "close", "so that its client does not ask on it again"
    assert idle.recv(100) == b"", "it was closed"
    idle.close()
    with pytest.raises(ConnectionRefusedError):
        server.predict(picture)


def test_a_client_that_goes_away_is_noted_and_not_predicted(picture: bytes) -> None:
    held = HeldPredictor()
    with answers(held, RequestLimits(batch=1)) as server:
        first = threading.Thread(target=lambda: server.predict(picture))
        first.start()
        assert held.runs_begun.acquire(timeout=10)
        with server.connect() as gone:
            head = f"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(picture)}"
            gone.sendall(f"{head}\r\n\r\n".encode() + picture)
            _wait_for(lambda: server.metric("yolo_fer_queue_images") == 2)
        _wait_for(lambda: any(" 499 " in line for line in server.lines))
        held.go.set()
        first.join(10)
        _wait_for(lambda: server.metric("yolo_fer_queue_images") == 0)
    assert held.batches == [1]


def _wait_for(condition: object) -> None:
    assert callable(condition)
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)
