"""Predicting many images: files are decoded ahead while the network runs."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice

from yolo_fer.errors import ImageError
from yolo_fer.images import Image, read
from yolo_fer.inputs.listing import ImageInput
from yolo_fer.results import Prediction, Predictor

# Half of the cores: the network needs the others.
_WORKERS = max(1, min(4, (os.cpu_count() or 1) // 2))
_AHEAD = _WORKERS + 1
"""Images decoded or being decoded while one is predicted; each may take up to 300 MB."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """An image or a video frame with what was found in it.

    Args:
        image: its pixels, None if it could not be read.
        prediction: the faces, or the error.
        reason: the ledger key of the error, None if there is none.
        input: the image file that it came from, None for a frame.
    """

    image: Image | None
    prediction: Prediction
    reason: str | None = None
    input: ImageInput | None = None


@dataclass(slots=True)
class Tally:
    """The account of a run: every image and every frame is counted, every bad item by its reason.

    Attributes:
        images: that could be read.
        frames: of videos, cameras and streams, that were predicted.
        faces: in all of them.
        dropped: frames that a live source gave and nobody had time for.
        reconnects: how often a live source came back.
        bad: images and videos that could not be read, or not to their end, by reason.
        first_bad: for each reason what the first of them said.
    """

    images: int = 0
    frames: int = 0
    faces: int = 0
    dropped: int = 0
    reconnects: int = 0
    bad: Counter[str] = field(default_factory=Counter)
    first_bad: dict[str, str] = field(default_factory=dict)

    def add(self, predicted: Predicted) -> None:
        """Count one image, one frame, or the bad end of a video."""
        self.faces += len(predicted.prediction.faces)
        if predicted.reason is not None:
            self.bad[predicted.reason] += 1
            self.first_bad.setdefault(predicted.reason, str(predicted.prediction.error))
        elif predicted.prediction.frame is None:
            self.images += 1
        else:
            self.frames += 1

    @property
    def usable(self) -> int:
        """How many images and frames could be read."""
        return self.images + self.frames


def predict_images(predictor: Predictor, inputs: Iterable[ImageInput]) -> Iterator[Predicted]:
    """Predict images one by one, in order; one that cannot be read has an error and no faces.

    Args:
        predictor: a detector or a two-stage system.
        inputs: the images.
    """
    for item, decoded in _read_ahead(inputs):
        if isinstance(decoded, ImageError):
            prediction = Prediction(item.source, 0, 0, error=str(decoded))
            yield Predicted(None, prediction, decoded.reason, item)
        else:
            (prediction,) = predictor.predict([decoded])
            yield Predicted(decoded, replace(prediction, source=item.source), input=item)


def _read_ahead(inputs: Iterable[ImageInput]) -> Iterator[tuple[ImageInput, Image | ImageError]]:
    waiting: deque[tuple[ImageInput, Future[Image | ImageError]]] = deque()
    remaining = iter(inputs)
    pool = ThreadPoolExecutor(max_workers=_WORKERS)
    try:
        while True:
            for item in islice(remaining, _AHEAD - len(waiting)):
                waiting.append((item, pool.submit(_read, item)))
            if not waiting:
                return
            item, decoded = waiting.popleft()
            yield item, decoded.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _read(item: ImageInput) -> Image | ImageError:
    try:
        return read(item.path)
    except ImageError as error:
        return error
