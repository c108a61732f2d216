"""Images of many requests, given to one network several at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, wait
from contextlib import contextmanager

import pytest

from tests.helpers.answering import grey
from tests.helpers.held_predictor import HeldPredictor
from tests.helpers.predictors import BrightnessPredictor
from tests.helpers.saved_images import resized, saved
from yolo_fer.errors import ImageError
from yolo_fer.images import Image
from yolo_fer.results import Prediction, Predictor
from yolo_fer.runtime.byte_budget import IN_FLIGHT_BYTES
from yolo_fer.serve.batcher import Batcher, _decode_wanted, _Job
from yolo_fer.serve.limits import RequestLimits
from yolo_fer.serve.metrics import ServerMetrics
from yolo_fer.serve.refusal import Refusal


@contextmanager
def batching(predictor: Predictor, **limits: int) -> Iterator[Batcher]:
    with Batcher(predictor, RequestLimits(**limits), ServerMetrics()) as batcher:
        yield batcher


def anger(future: Future[Prediction]) -> int:
    return round(255 * future.result(20).faces[0].scores[0])


def test_what_waits_while_the_network_runs_is_its_next_batch() -> None:
    held = HeldPredictor(batch=16)
    with batching(held, batch=4) as batcher:
        (first,) = batcher.submit([grey(7)])
        assert held.runs_begun.acquire(timeout=10)
        others = [batcher.submit([grey(10 * n)])[0] for n in range(1, 10)]
        _until_decoded(batcher, 9)
        held.go.set()
        assert [anger(future) for future in (first, *others)] == [7, *range(10, 100, 10)]
    assert held.batches == [1, 4, 4, 1]


@pytest.mark.parametrize(("said", "runs_at_once"), [(None, 1), (1, 1), (2, 2)])
def test_no_image_waits_for_others_that_the_predictor_does_not_run_with_it(
    said: int | None, runs_at_once: int
) -> None:
    held = HeldPredictor(said)
    with batching(held, batch=8) as batcher:
        (first,) = batcher.submit([grey(7)])
        assert held.runs_begun.acquire(timeout=10)
        others = batcher.submit([grey(10), grey(20), grey(30), grey(40)])
        _until_decoded(batcher, 4)
        held.go.set()
        assert [anger(future) for future in (first, *others)] == [7, 10, 20, 30, 40]
    assert held.batches == [1] + [runs_at_once] * (4 // runs_at_once)


def _until_decoded(batcher: Batcher, images: int) -> None:
    with batcher._changed:
        assert batcher._changed.wait_for(lambda: len(batcher._ready) == images, 10)


def test_images_of_one_request_are_queued_together_or_not_at_all() -> None:
    held = HeldPredictor()
    with batching(held, queue=3, batch=1) as batcher:
        futures = batcher.submit([grey(10), grey(20)])
        with pytest.raises(Refusal, match="2 images are waiting, and 3 may"):
            batcher.submit([grey(30), grey(40)])
        futures += batcher.submit([grey(30)])
        held.go.set()
        assert [anger(future) for future in futures] == [10, 20, 30]
        wait(futures)


def test_an_image_that_nobody_waits_for_is_not_predicted() -> None:
    held = HeldPredictor()
    with batching(held, batch=1) as batcher:
        (first,) = batcher.submit([grey(1)])
        assert held.runs_begun.acquire(timeout=10)
        waiting, given_up = batcher.submit([grey(2), grey(3)])
        _until_decoded(batcher, 2)
        assert given_up.cancel()
        held.go.set()
        assert (anger(first), anger(waiting)) == (1, 2)
    assert len(held.batches) == 2
    assert batcher.in_hand == 0


def test_nor_is_it_decoded() -> None:
    job = _Job(grey(3), 0)
    assert job.future.cancel()
    with pytest.raises(CancelledError):
        _decode_wanted(job, RequestLimits(), lambda _: None)


class _Choosy(BrightnessPredictor):
    batch = 8

    def predict(self, images: list[Image]) -> list[Prediction]:
        if any(image.mean() > 200 for image in images):
            raise RuntimeError("too bright")
        return super().predict(images)


def test_an_image_that_the_network_fails_at_is_not_the_end_of_others() -> None:
    with batching(_Choosy()) as batcher:
        good, bad, broken, last = batcher.submit([grey(9), grey(250), b"no image", grey(8)])
        assert (anger(good), anger(last)) == (9, 8)
        assert isinstance(bad.exception(20), RuntimeError)
        error = broken.exception(20)
        assert isinstance(error, ImageError)
        assert error.reason == "not_an_image"
    assert batcher.in_hand == 0


def test_more_pixels_than_may_be_held_at_once_go_one_after_the_other() -> None:
    width, height = 7_000, 1_000
    assert 40 * 3 * width * height > 2 * IN_FLIGHT_BYTES
    picture = grey(50, width, height)
    predictor = HeldPredictor(batch=20)
    predictor.go.set()
    with batching(predictor, batch=20, queue=40) as batcher:
        futures = batcher.submit([picture] * 40)
        assert {anger(future) for future in futures} == {50}


def test_the_pixels_of_the_file_are_limited_and_not_those_of_a_reduced_copy() -> None:
    with batching(BrightnessPredictor(), megapixels=60) as batcher:
        (future,) = batcher.submit([resized(grey(9), 12_000, 9_000)])
        error = future.exception(20)
    assert isinstance(error, ImageError)
    assert (error.reason, error.message) == (
        "image_too_large",
        "the image has more than 60 million pixels",
    )


def test_a_progressive_jpeg_has_the_fewer_scans_the_more_pixels_it_has() -> None:
    whole = saved("JPEG", progressive=True)
    scan = whole[whole.rfind(b"\xff\xda") : -2]
    many = whole[:-2] + 20 * scan + whole[-2:]
    scans = many.count(b"\xff\xda")
    with batching(BrightnessPredictor(), megapixels=20) as batcher:
        small, large = batcher.submit([many, resized(many, 5_000, 4_000)])
        assert small.result(20).faces
        error = large.exception(20)
    assert isinstance(error, ImageError)
    assert (error.reason, error.message) == (
        "slow_image",
        f"the JPEG image is coded in {scans} scans, which takes too long to decode; 10 are read "
        "at this size",
    )


def test_the_end_finishes_what_was_submitted() -> None:
    held = HeldPredictor(batch=2)
    threading.Timer(0.2, held.go.set).start()
    with batching(held, batch=2) as batcher:
        futures = batcher.submit([grey(n) for n in range(1, 6)])
    assert [anger(future) for future in futures] == [1, 2, 3, 4, 5]
    assert not [thread for thread in threading.enumerate() if thread.name == "predict"]
