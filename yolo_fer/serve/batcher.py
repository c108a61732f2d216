"""Images of many requests, given to one network several at a time."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, InvalidStateError, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Self

from yolo_fer.errors import FileFault, ImageError
from yolo_fer.images import Image, decode_reduced
from yolo_fer.images.header import read_header
from yolo_fer.predict.read_ahead import WORKERS, decode_within
from yolo_fer.results import Prediction, Predictor
from yolo_fer.runtime.byte_budget import ByteBudget
from yolo_fer.serve.limits import RequestLimits
from yolo_fer.serve.metrics import ServerMetrics
from yolo_fer.serve.refusal import Refusal

_PATIENCE_SECONDS = 0.005
"""How long a decoded image waits for others that are just being decoded."""


@dataclass(slots=True)
class _Job:
    """An image on its way; its future is all that its request knows of it."""

    data: bytes
    ticket: int
    future: Future[Prediction] = field(default_factory=Future)
    image: Image | None = None
    size: tuple[int, int] = (0, 0)
    held: int = 0
    decoded_at: float = 0.0


class Batcher:
    """Decodes images in threads and has a single other thread run the network on them.

    A caller that gives up cancels the future; the image is then not predicted.

    Args:
        predictor: the predictor that finds the faces; it is called by one thread only. If it has
            an attribute `batch` above 1, it is given several images at once.
        limits: the limits of the queue, of a batch and of an image.
        metrics: the counters to which the times of waiting and predicting are added.
    """

    def __init__(self, predictor: Predictor, limits: RequestLimits, metrics: ServerMetrics) -> None:
        self._predictor = predictor
        self._limits = limits
        self._metrics = metrics
        # One that runs images one by one would answer the first only after the last.
        self._batch = min(limits.batch, getattr(predictor, "batch", 1))
        self._budget = ByteBudget()
        self._decoders = ThreadPoolExecutor(WORKERS, thread_name_prefix="decode")
        self._changed = threading.Condition()
        self._tickets = 0
        self._in_hand = 0
        self._decoding = 0
        self._ready: deque[_Job] = deque()
        self._is_closed = False
        self._thread = threading.Thread(target=self._work, name="predict")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Finish what was submitted, and end the threads."""
        self._decoders.shutdown()
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._thread.join()

    @property
    def in_hand(self) -> int:
        """How many images are, decoded or not."""
        return self._in_hand

    def check_room(self, images: int) -> None:
        """Make sure that so many images would be taken now.

        Raises:
            Refusal: if the queue is full.
        """
        if self._in_hand + images > self._limits.queue:
            raise Refusal.busy(
                429,
                "queue_full",
                f"{self._in_hand} images are waiting, and {self._limits.queue} may; "
                "try again in a moment",
            )

    def submit(self, images: Sequence[bytes]) -> list[Future[Prediction]]:
        """Queue the images of a request, all or none.

        Returns:
            For each, in order, what becomes of it: a `Prediction` in the pixels of the file, with
            an empty `source`, or an `ImageError`.

        Raises:
            Refusal: if there is no room for them.
        """
        with self._changed:
            self.check_room(len(images))
            jobs = [_Job(data, self._tickets + number) for number, data in enumerate(images)]
            self._tickets += len(jobs)
            self._in_hand += len(jobs)
            self._decoding += len(jobs)
            for job in jobs:  # in here, so that tickets and threads have the same order
                self._decoders.submit(self._decode, job)
        return [job.future for job in jobs]

    def _decode(self, job: _Job) -> None:
        start = time.monotonic()
        try:
            decode = partial(_decode_wanted, job, self._limits)
            decoded, job.held = decode_within(self._budget, job.ticket, decode)
        except Exception as error:
            decoded = None
            self._finish(job, error)
        job.data = b""
        if isinstance(decoded, ImageError):
            self._finish(job, decoded)
        elif decoded is not None:
            job.image, job.size = decoded
            job.decoded_at = time.monotonic()
            self._metrics.took("decode", job.decoded_at - start)
        with self._changed:
            self._decoding -= 1
            if job.image is not None:
                self._ready.append(job)
            self._changed.notify_all()

    def _work(self) -> None:
        while jobs := self._collect():
            wanted = [not job.future.cancelled() for job in jobs]
            self._predict([job for job, is_wanted in zip(jobs, wanted, strict=True) if is_wanted])
            for job, is_wanted in zip(jobs, wanted, strict=True):
                if not is_wanted:
                    self._finish(job, None)

    def _collect(self) -> list[_Job]:
        """Wait for decoded images and take up to a batch of them; none is the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._is_closed)
            until = time.monotonic() + _PATIENCE_SECONDS
            while self._decoding and len(self._ready) < self._batch:
                if (left := until - time.monotonic()) <= 0:
                    break
                self._changed.wait(left)
            return [self._ready.popleft() for _ in range(min(len(self._ready), self._batch))]

    def _predict(self, jobs: Sequence[_Job]) -> None:
        start = time.monotonic()
        images = [job.image for job in jobs if job.image is not None]
        if not images:
            return
        for job in jobs:
            self._metrics.took("wait", start - job.decoded_at)
        try:
            predictions = self._predictor.predict(images)
        except Exception as error:
            if len(jobs) == 1:
                self._finish(jobs[0], error)
                return
            for job in jobs:  # one of them must not be the end of the others
                self._predict([job])
            return
        self._metrics.ran_batch(len(jobs), time.monotonic() - start)
        for job, prediction in zip(jobs, predictions, strict=True):
            self._finish(job, prediction.resized(*job.size))

    def _finish(self, job: _Job, outcome: Prediction | Exception | None) -> None:
        """Give back what an image held, and hand the result to its request."""
        self._budget.give_back(job.held)
        job.image, job.held = None, 0
        with self._changed:
            self._in_hand -= 1
        with suppress(InvalidStateError):  # cancelled meanwhile
            if isinstance(outcome, Exception):
                job.future.set_exception(outcome)
            elif outcome is not None:
                job.future.set_result(outcome)


def _decode_wanted(
    job: _Job, limits: RequestLimits, before: Callable[[int], None]
) -> tuple[Image, tuple[int, int]]:
    """Decode an image if its request still waits for it and it is small enough."""
    if job.future.cancelled():
        raise CancelledError
    header = read_header(job.data)
    if header.pixels > limits.pixels:
        text = f"the image has more than {limits.megapixels} million pixels"
        raise ImageError(FileFault.IMAGE_TOO_LARGE, text)
    if header.scans * header.pixels > limits.scanned_pixels:
        text = (
            f"the JPEG image is coded in {header.scans} scans, which takes too long to decode; "
            f"{limits.scanned_pixels // header.pixels} are read at this size"
        )
        raise ImageError(FileFault.SLOW_IMAGE, text)
    return decode_reduced(job.data, before, header)
