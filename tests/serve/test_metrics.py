"""What the address counts."""

from __future__ import annotations

from tests.helpers.answering import answers
from tests.helpers.predictors import BrightnessPredictor


def test_counters_tell_what_happened(picture: bytes) -> None:
    with answers(BrightnessPredictor()) as server:
        for body in (picture, picture, b"no image"):
            server.predict(body)
        assert server.metric('yolo_fer_requests_total{path="/predict",status="200"}') == 2
        assert server.metric('yolo_fer_requests_total{path="/predict",status="415"}') == 1
        assert server.metric("yolo_fer_faces_total") == 2
        assert server.metric('yolo_fer_images_total{outcome="not_an_image"}') == 1
        assert server.metric("yolo_fer_queue_images") == 0
        assert server.metric("yolo_fer_batch_images_sum") == 2
        for part in ("receive", "decode", "wait", "network", "all"):
            assert server.metric(f'yolo_fer_seconds_count{{part="{part}"}}') >= 2, part
