"""Running a predictor over an evaluation set. Of each image only a few small arrays are kept."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yolo_fer import images
from yolo_fer.dataset.evaluation_set import EvaluationSet, LabelledImage
from yolo_fer.dataset.labels import IGNORED
from yolo_fer.emotions import Emotion
from yolo_fer.errors import ImageError, YoloFerError
from yolo_fer.results import Predictor

Progress = Callable[[Iterable[Any], str, int], Iterable[Any]]
"""Wraps an iterable of known length to show how far it is."""

_BOX_DECIMALS = 2
_SCORE_DECIMALS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """True and predicted faces of all images, each as columns.

    Args:
        images: the N images that could be read.
        truth_boxes: (G, 4) corners in pixels.
        truth_emotions: (G,) emotion ids, `IGNORED` for a face that nobody labelled.
        truth_image: (G,) index of the image, ascending.
        boxes: (D, 4) predicted corners in pixels, rounded as `predictions.json` has them.
        scores: (D, 7) in 0 to 1, likewise; 0 means that the predictor did not score that emotion.
        face_scores: (D,) how sure the predictor is of each face, 0 to 1, rounded likewise.
        box_image: (D,) index of the image, ascending.
    """

    images: tuple[LabelledImage, ...]
    truth_boxes: NDArray[np.float64]
    truth_emotions: NDArray[np.int8]
    truth_image: NDArray[np.intp]
    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]
    face_scores: NDArray[np.float64]
    box_image: NDArray[np.intp]

    @property
    def labelled(self) -> NDArray[np.bool_]:
        """(G,) which true faces have an emotion."""
        return np.asarray(self.truth_emotions != IGNORED)


def observe(
    predictor: Predictor,
    dataset: EvaluationSet,
    *,
    batch: int,
    skipped: Counter[str],
    progress: Progress,
) -> Observations:
    """Let a predictor see every image of a set.

    Args:
        predictor: a detector or a two-stage system.
        dataset: the images.
        batch: how many images the predictor is given at a time.
        skipped: takes the number of unreadable images, by reason; they are left out.
        progress: shows how far it is.

    Raises:
        YoloFerError: if no image could be read.
    """
    readable: list[LabelledImage] = []
    truth: list[NDArray[np.float64]] = []
    boxes: list[NDArray[np.float64]] = []
    scores: list[NDArray[np.float64]] = []
    face_scores: list[NDArray[np.float64]] = []
    decoded = _decoded(dataset.images, ahead=2 * batch)
    shown = progress(decoded, predictor.name, len(dataset.images))
    for chunk in _chunks(_usable(shown, skipped), batch):
        predictions = predictor.predict([pixels for _, pixels in chunk])
        for (image, pixels), prediction in zip(chunk, predictions, strict=True):
            readable.append(image)
            truth.append(image.faces.in_pixels(pixels.shape[1], pixels.shape[0]))
            boxes.append(_array([f.box for f in prediction.faces], 4).round(_BOX_DECIMALS))
            scores.append(
                _array([f.scores for f in prediction.faces], len(Emotion)).round(_SCORE_DECIMALS)
            )
            face_scores.append(
                np.array([f.score for f in prediction.faces], np.float64).round(_SCORE_DECIMALS)
            )
    if not readable:
        reasons = ", ".join(f"{n} {reason}" for reason, n in skipped.items())
        raise YoloFerError(f"{dataset.data_yaml}: no image could be read ({reasons})")
    numbers = np.arange(len(readable))
    return Observations(
        images=tuple(readable),
        truth_boxes=np.concatenate(truth),
        truth_emotions=np.concatenate([image.faces.emotions for image in readable]),
        truth_image=np.repeat(numbers, [len(rows) for rows in truth]),
        boxes=np.concatenate(boxes),
        scores=np.concatenate(scores),
        face_scores=np.concatenate(face_scores),
        box_image=np.repeat(numbers, [len(rows) for rows in boxes]),
    )


def _array(rows: list[tuple[float, ...]], columns: int) -> NDArray[np.float64]:
    return np.array(rows, np.float64).reshape(-1, columns)


def _decoded(
    labelled: Iterable[LabelledImage], ahead: int
) -> Iterator[tuple[LabelledImage, images.Image | ImageError]]:
    """Decode images in a thread, never more than `ahead` of them before they are asked for."""
    remaining = iter(labelled)
    with ThreadPoolExecutor(1) as thread:
        waiting: deque[tuple[LabelledImage, Future[images.Image | ImageError]]] = deque()
        try:
            for image in islice(remaining, ahead):
                waiting.append((image, thread.submit(_read, image)))
            while waiting:
                image, future = waiting.popleft()
                pixels = future.result()
                for following in islice(remaining, 1):
                    waiting.append((following, thread.submit(_read, following)))
                yield image, pixels
        finally:
            thread.shutdown(cancel_futures=True)


def _read(image: LabelledImage) -> images.Image | ImageError:
    try:
        pixels = images.read(image.path)
    except ImageError as error:
        return error
    if image.size is not None and image.size != (pixels.shape[1], pixels.shape[0]):
        return ImageError(
            "size_differs_from_coco_file",
            f"{image.path} is {pixels.shape[1]}x{pixels.shape[0]}, its boxes are for {image.size}",
        )
    return pixels


def _usable(
    decoded: Iterable[tuple[LabelledImage, images.Image | ImageError]], skipped: Counter[str]
) -> Iterator[tuple[LabelledImage, images.Image]]:
    for image, pixels in decoded:
        if isinstance(pixels, ImageError):
            skipped[pixels.reason] += 1
        else:
            yield image, pixels


def _chunks(
    items: Iterable[tuple[LabelledImage, images.Image]], size: int
) -> Iterator[list[tuple[LabelledImage, images.Image]]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
