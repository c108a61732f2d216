from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from tests.helpers.held_predictor import HeldPredictor
from yolo_fer.detector import Detector
from yolo_fer.images import encode_jpeg

pytest.importorskip("trackers")
testclient = pytest.importorskip("starlette.testclient")
from starlette.applications import Starlette  # noqa: E402

from yolo_fer.app import camera_address  # noqa: E402
from yolo_fer.app.camera_address import Cameras  # noqa: E402

FRAME = encode_jpeg(np.full((320, 320, 3), 128, np.uint8))


def _page(predictor: Any) -> Any:
    return testclient.TestClient(Starlette(routes=[Cameras(predictor).route()]))


def _address(visitor: int, smooth: object = 0.5) -> str:
    return f"/camera?visitor={visitor:032x}&smooth={smooth}"


def test_a_frame_is_answered_with_its_picture_its_faces_and_a_line(detector: Detector) -> None:
    with _page(detector) as page:
        answers = [page.post(_address(1), content=FRAME).json() for _ in range(3)]
    last = answers[-1]
    assert last["picture"].startswith("data:image/jpeg;base64,")
    assert "face #1, score" in last["found"]
    assert "frames a second" in last["found"]
    assert last["said"] == "1 face: 1 happiness"


@pytest.mark.parametrize("address", ["/camera", _address(1, "x"), _address(1, 4), _address(1, -1)])
def test_a_query_that_says_nothing_is_told_what_to_say(detector: Detector, address: str) -> None:
    with _page(detector) as page:
        answer = page.post(address, content=FRAME)
    assert answer.status_code == 400
    assert "32 random hexadecimal digits" in answer.text


def test_what_is_no_frame_is_said_and_the_camera_goes_on(detector: Detector) -> None:
    with _page(detector) as page:
        answer = page.post(_address(1), content=b"no picture")
        assert (answer.status_code, "cannot be used" in answer.text) == (400, True)
        assert page.post(_address(1), content=FRAME).status_code == 200


def test_a_camera_has_one_frame_looked_at_and_others_are_told_to_wait() -> None:
    predictor = HeldPredictor()
    with _page(predictor) as page, ThreadPoolExecutor() as pool:
        first: Future[Any] = pool.submit(page.post, _address(1), content=FRAME)
        assert predictor.runs_begun.acquire(timeout=30)
        assert page.post(_address(1), content=FRAME).status_code == 429
        predictor.go.set()
        assert first.result(30).status_code == 200
        assert page.post(_address(1), content=FRAME).status_code == 200


def test_all_places_taken_is_said_until_a_camera_is_silent(
    detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_address, "_CAMERAS", 2)
    with _page(detector) as page:
        statuses = [page.post(_address(n), content=FRAME).status_code for n in (1, 2, 3, 1)]
        assert statuses == [200, 200, 503, 200]
        monkeypatch.setattr(camera_address, "_IDLE_SECONDS", 0)
        assert page.post(_address(3), content=FRAME).status_code == 200


def test_a_frame_that_does_not_arrive_gives_its_place_back(
    detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_address, "_BODY_SECONDS", 0.05)
    application = Starlette(routes=[Cameras(detector).route()])
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        await asyncio.sleep(60)
        raise AssertionError

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    path, _, query = _address(1).partition("?")
    scope = {"type": "http", "method": "POST", "path": path, "query_string": query.encode(),
             "headers": []}  # fmt: skip
    asyncio.run(application(scope, receive, send))
    assert sent[0]["status"] == 408
    with testclient.TestClient(application) as page:
        answer = page.post(_address(1), content=FRAME)
    assert json.loads(answer.text)["said"]
