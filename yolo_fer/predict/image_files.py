"""Predicting many images: files are decoded ahead while the network runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import replace

from yolo_fer.errors import ImageError
from yolo_fer.images import Image
from yolo_fer.inputs.image_bytes import Decoded, read_input
from yolo_fer.inputs.listing import ImageInput
from yolo_fer.predict.predicted import Predicted
from yolo_fer.predict.read_ahead import Read, Take, in_chunks, read_ahead, read_in_turn
from yolo_fer.results import Prediction, Predictor


def predict_images(
    predictor: Predictor,
    inputs: Iterable[ImageInput],
    read: Read = read_input,
    *,
    ahead: bool = True,
) -> Iterator[Predicted]:
    """Predict images, in order; one that cannot be read has an error and no faces.

    One at which the predictor or the reading fails unexpectedly raises, after all before it were
    yielded.

    Args:
        predictor: a detector or a two-stage system. If it has an attribute `batch` above 1, it is
            given several images at once.
        inputs: the images to predict.
        read: the function that reads one; several threads call it.
        ahead: whether threads decode images while those before them are predicted. Where a process
            runs on each core, threads would only take time from another process.
    """

    def read_it(item: ImageInput, take: Take | None) -> Decoded:
        return read(item, take)

    together = window_of(getattr(predictor, "batch", 1))
    reading = read_ahead(inputs, read_it, together) if ahead else read_in_turn(inputs, read_it)
    with closing(reading) as images:
        for chunk in in_chunks(images, together, _bytes_of):
            readable = [decoded[0] for _, decoded in chunk if not isinstance(decoded, ImageError)]
            found = _predictions(predictor, readable)
            for item, decoded in chunk:
                if isinstance(decoded, ImageError):
                    error = Prediction(item.source, 0, 0, error=str(decoded))
                    yield Predicted(None, error, decoded.reason, item)
                    continue
                image, size = decoded
                prediction = next(found).resized(*size)
                # Without the pixels, which `Predicted` has, so that predictions can be kept.
                prediction = replace(prediction, source=item.source, image=None)
                yield Predicted(image, prediction, input=item)


def _predictions(predictor: Predictor, images: list[Image]) -> Iterator[Prediction]:
    """Predict images together, or each when it is asked for, if that fails because of one."""
    found: Iterable[Prediction] | None = None
    if len(images) > 1:
        with suppress(Exception):
            found = predictor.predict(images)
    if found is None:
        found = (predictor.predict([image])[0] for image in images)
    return iter(found)


def window_of(batch: int) -> int:
    """Return among how many images those are looked for that can go through a network together.

    >>> window_of(1), window_of(8)
    (1, 32)
    """
    return 1 if batch == 1 else 4 * batch


def _bytes_of(read: tuple[ImageInput, Decoded | ImageError]) -> int:
    decoded = read[1]
    return 0 if isinstance(decoded, ImageError) else decoded[0].nbytes
