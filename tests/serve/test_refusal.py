from __future__ import annotations

import json

import pytest

from yolo_fer.errors import FileFault, ImageError
from yolo_fer.serve.refusal import RETRY_SECONDS, Refusal


@pytest.mark.parametrize(
    ("reason", "status", "advice"),
    [
        (FileFault.EMPTY_IMAGE, 400, ""),
        (FileFault.IMAGE_TOO_LARGE, 413, "; send it smaller"),
        (FileFault.SLOW_IMAGE, 413, "; send it smaller, or as a JPEG file that is not progressive"),
        (FileFault.NOT_AN_IMAGE, 415, "; send a JPEG, PNG, WebP"),
        (FileFault.UNSUPPORTED_IMAGE, 415, ""),
        (FileFault.CORRUPT_IMAGE, 422, ""),
        (FileFault.TRUNCATED_IMAGE, 422, ""),
    ],
)
def test_an_image_that_cannot_be_used_has_a_status_a_reason_and_advice(
    reason: FileFault, status: int, advice: str
) -> None:
    refusal = Refusal.of_image(ImageError(reason, "the file is odd"))
    assert refusal.status == status
    answer = json.loads(refusal.body)
    assert answer["reason"] == reason.value
    assert answer["error"].startswith(f"the file is odd{advice}")


def test_who_comes_at_a_busy_moment_is_told_when_to_come_again() -> None:
    refusal = Refusal.busy(429, "queue_full", "the queue is full")
    assert refusal.headers == {"retry-after": str(RETRY_SECONDS)}
    assert json.loads(refusal.body) == {"error": "the queue is full", "reason": "queue_full"}
    assert Refusal(403, "no_urls", "not here").headers == {}
