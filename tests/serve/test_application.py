"""What is sent to the address, and what it answers."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests.helpers.answering import FORM, JSON, Answering, answers, form, grey
from tests.helpers.predictors import BrightnessPredictor
from yolo_fer.images import Image, decode
from yolo_fer.outputs.text import json_line
from yolo_fer.results import Prediction
from yolo_fer.serve.limits import RequestLimits


def test_an_image_as_the_body_is_answered_with_the_line_of_predict(
    server: Answering, picture: bytes
) -> None:
    (expected,) = BrightnessPredictor().predict([decode(picture)])
    # curl calls everything a form; what a file is, its content tells
    for kind in ("image/jpeg", "application/octet-stream", "application/x-www-form-urlencoded"):
        answer = server.predict(picture, {"Content-Type": kind})
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.body.decode() == json_line(replace(expected, source="body"))


def test_an_image_in_a_form_has_the_name_of_its_file(server: Answering, picture: bytes) -> None:
    answer = server.predict(form(("ä photo.jpg", picture)), FORM)
    assert answer.status == 200
    assert answer.json["source"] == "ä photo.jpg"
    assert answer.json["faces"][0]["emotion"] == "anger"


def test_boxes_are_pixels_of_an_image_that_was_decoded_smaller() -> None:
    huge = cv2.imencode(".jpg", np.full((8_000, 12_600), 90, np.uint8))[1].tobytes()
    with answers(BrightnessPredictor(), RequestLimits(megapixels=101)) as server:
        answer = server.predict(huge)  # 100.8 million pixels, decoded at a half
    assert (answer.json["width"], answer.json["height"]) == (12_600, 8_000)
    assert answer.json["faces"][0]["box"] == [0, 0, 12_600, 8_000]


def _png(width: int, height: int) -> bytes:
    return cv2.imencode(".png", np.zeros((height, width, 3), np.uint8))[1].tobytes()


BAD_IMAGES = {
    "nothing": (b"", 400, "no_image"),
    "a text": (b"hello, I am no image", 415, "not_an_image"),
    "a GIF": (b"GIF89a" + bytes(40), 415, "not_an_image"),
    "a Photoshop document": (b"8BPS" + bytes(40), 415, "unsupported_image"),
    "half a JPEG": (grey(3)[:300], 422, "truncated_image"),
    "a PNG of zeros": (_png(40, 40)[:41] + bytes(60), 422, "truncated_image"),
    "too many pixels": (_png(8_000, 6_300), 413, "image_too_large"),
    "too many bytes": (bytes(20_000_001), 413, "too_many_bytes"),
}


@pytest.mark.parametrize("name", BAD_IMAGES)
def test_an_image_that_cannot_be_used_is_refused_with_what_to_do(
    server: Answering, name: str
) -> None:
    data, status, reason = BAD_IMAGES[name]
    answer = server.predict(data)
    assert (answer.status, answer.reason) == (status, reason)
    if name != "nothing":
        answer = server.predict(form(("x.jpg", data)), FORM)
        assert (answer.status, answer.reason) == (status, reason)


@pytest.mark.parametrize(
    ("body", "headers", "status", "reason"),
    [
        (form(), FORM, 400, "no_image"),
        (form(("a.jpg", grey(1)), ("b.jpg", grey(2))), FORM, 400, "many_images"),
        (form(("a.jpg", b"")), FORM, 400, "empty_image"),
        (form(("a", grey(1))), {"Content-Type": "multipart/form-data"}, 400, "broken_form"),
        (b"--x\r\nnonsense", FORM, 400, "broken_form"),
        (form(*[("a.jpg", b"")] * 60), FORM, 400, "broken_form"),
        (b"{", JSON, 400, "broken_json"),
        (b"[" * 60_000, JSON, 400, "broken_json"),
        (b"[]", JSON, 422, "wrong_json"),
        (b'{"urls": []}', JSON, 422, "wrong_json"),
        (b'{"urls": ["http://a"], "conf": 1}', JSON, 422, "wrong_json"),
        (json.dumps({"urls": ["http://a/" + "a" * 3_000]}), JSON, 422, "wrong_json"),
        (bytes(70_000), JSON, 413, "too_many_bytes"),
        (b'{"urls": ["https://example.com/a.jpg"]}', JSON, 403, "no_urls"),
    ],
)  # fmt: skip
def test_a_request_without_an_image_is_refused_with_what_to_do(
    server: Answering, body: bytes, headers: dict[str, str], status: int, reason: str
) -> None:
    answer = server.predict(body, headers)
    assert (answer.status, answer.reason) == (status, reason)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/predict", 405), ("PUT", "/predict", 405), ("POST", "/healthz", 405),
     ("GET", "/nothing", 404), ("GET", "/predict/", 404), ("GET", "/redoc", 404)],
)  # fmt: skip
def test_other_paths_and_methods_are_named(
    server: Answering, method: str, path: str, status: int
) -> None:
    answer = server.ask(method, path)
    assert answer.status == status
    assert answer.reason in ("not_found", "method_not_allowed")
    assert "/docs" in answer.json["error"]


def test_many_clients_get_each_their_own_answer(server: Answering) -> None:
    def anger(brightness: int) -> float:
        answer = server.predict(grey(brightness))
        assert answer.status == 200
        return float(answer.json["faces"][0]["scores"]["anger"])

    values = list(range(5, 250, 5))
    with ThreadPoolExecutor(10) as clients:
        found = list(clients.map(anger, values))
    assert found == pytest.approx([value / 255 for value in values], abs=0.01)


class _Failing(BrightnessPredictor):
    """Cannot do with bright images."""

    def predict(self, images: list[Image]) -> list[Prediction]:
        if any(image.mean() > 200 for image in images):
            raise RuntimeError("out of memory at 0xdeadbeef")
        return super().predict(images)


def test_a_network_that_fails_is_no_riddle_and_tells_no_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with answers(_Failing()) as server:
        answer = server.predict(grey(250))
        assert (answer.status, answer.reason) == (500, "failed")
        assert b"0xdeadbeef" not in answer.body
        assert server.predict(grey(20)).status == 200, "the next one is answered"
    assert "0xdeadbeef" in caplog.text, "whoever runs the server reads why"


def test_a_body_of_unknown_length_is_read(server: Answering, picture: bytes) -> None:
    pieces = io.BytesIO(picture)
    answer = server.predict(iter(lambda: pieces.read(100), b""))
    assert answer.status == 200
