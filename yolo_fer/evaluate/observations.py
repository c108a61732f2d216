"""Running a predictor over an evaluation set. Of each image only a few small arrays are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from yolo_fer import images
from yolo_fer.dataset.evaluation_set import EvaluationSet, LabelledImage
from yolo_fer.dataset.labels import IGNORED
from yolo_fer.emotions import Emotion
from yolo_fer.errors import FileFault, ImageError, YoloFerError
from yolo_fer.predict.read_ahead import Take, in_chunks, read_ahead
from yolo_fer.results import Predictor
from yolo_fer.runtime.executor import Progress

_BOX_DECIMALS = 2
_SCORE_DECIMALS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """True and predicted faces of all images, each as columns.

    Args:
        images: the N images that could be read.
        truth_boxes: (G, 4) corners in pixels.
        truth_emotions: (G,) emotion ids, `IGNORED` for an unlabelled face.
        truth_image: (G,) index of the image, ascending.
        boxes: (D, 4) predicted corners in pixels, rounded as `predictions.json` has them.
        scores: (D, 7) in 0 to 1, likewise; 0 means that the predictor did not score that emotion.
        face_scores: (D,) how sure the predictor is of each face, 0 to 1, rounded likewise.
        box_image: (D,) index of the image, ascending.
        shown: (D,) whether the predictor shows the box at the threshold with which it is used.
        scale: (N,) pixels of the predictor's input for a pixel of each image.
    """

    images: tuple[LabelledImage, ...]
    truth_boxes: NDArray[np.float64]
    truth_emotions: NDArray[np.int8]
    truth_image: NDArray[np.intp]
    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]
    face_scores: NDArray[np.float64]
    box_image: NDArray[np.intp]
    shown: NDArray[np.bool_]
    scale: NDArray[np.float64]

    @property
    def labelled(self) -> NDArray[np.bool_]:
        """(G,) which true faces have an emotion."""
        return np.asarray(self.truth_emotions != IGNORED)

    @property
    def all_boxed(self) -> NDArray[np.bool_]:
        """(N,) of which images all faces are known, also unlabelled ones."""
        return np.array([image.all_boxed for image in self.images], np.bool_)

    @property
    def visible(self) -> NDArray[np.bool_]:
        """(G,) which true faces were not painted over."""
        masked = np.array([image.masked for image in self.images], np.bool_)
        return np.asarray(self.labelled | ~masked[self.truth_image])


class MeasuredPredictor(Predictor, Protocol):
    """A predictor that says what figures by face size and at its threshold need."""

    @property
    def advised_conf(self) -> float:
        """The least score of a face, 0 to 1, where its user does not say one."""

    def input_scale(self, width: int, height: int) -> float:
        """Return how many pixels of its network's input there are for one of an image."""


def observe(
    predictor: MeasuredPredictor,
    dataset: EvaluationSet,
    *,
    threshold: float | None = None,
    batch: int,
    skipped: Counter[str],
    progress: Progress[Any],
) -> Observations:
    """Let a predictor see every image of a set.

    Args:
        predictor: a detector or a two-stage system.
        dataset: the images.
        threshold: the least score of a face with which it is used; None is what it advises.
        batch: how many images the predictor is given at a time; fewer where they are very large.
        skipped: takes the number of unreadable images, by reason; they are left out.
        progress: shows how far it is.

    Raises:
        YoloFerError: if no image could be read.
    """
    readable: list[LabelledImage] = []
    truth: list[NDArray[np.float64]] = []
    boxes: list[NDArray[np.float64]] = []
    scores: list[NDArray[np.float64]] = []
    face_scores: list[float] = []
    scales: list[float] = []
    with closing(read_ahead(dataset.images, _read, batch)) as read:
        watched = progress(read, predictor.name, len(dataset.images))
        for chunk in in_chunks(_usable(watched, skipped), batch, lambda read: read[1].nbytes):
            predictions = predictor.predict([pixels for _, pixels in chunk])
            for (image, pixels), prediction in zip(chunk, predictions, strict=True):
                readable.append(image)
                truth.append(image.faces.in_pixels(pixels.shape[1], pixels.shape[0]))
                boxes.append(_array([f.box for f in prediction.faces], 4).round(_BOX_DECIMALS))
                scores.append(
                    _array([f.scores for f in prediction.faces], len(Emotion)).round(
                        _SCORE_DECIMALS
                    )
                )
                face_scores += [face.score for face in prediction.faces]
                scales.append(predictor.input_scale(pixels.shape[1], pixels.shape[0]))
    if not readable:
        reasons = ", ".join(f"{n} {reason}" for reason, n in skipped.items())
        raise YoloFerError(f"{dataset.data_yaml}: no image could be read ({reasons})")
    numbers, sure = np.arange(len(readable)), np.array(face_scores, np.float64)
    return Observations(
        images=tuple(readable),
        truth_boxes=np.concatenate(truth),
        truth_emotions=np.concatenate([image.faces.emotions for image in readable]),
        truth_image=np.repeat(numbers, [len(rows) for rows in truth]),
        boxes=np.concatenate(boxes),
        scores=np.concatenate(scores),
        face_scores=sure.round(_SCORE_DECIMALS),
        box_image=np.repeat(numbers, [len(rows) for rows in boxes]),
        shown=sure >= (predictor.advised_conf if threshold is None else threshold),
        scale=np.array(scales),
    )


def _array(rows: list[tuple[float, ...]], columns: int) -> NDArray[np.float64]:
    return np.array(rows, np.float64).reshape(-1, columns)


def _read(image: LabelledImage, take: Take) -> images.Image:
    pixels = images.read(image.path, before=take)
    if image.size is not None and image.size != (pixels.shape[1], pixels.shape[0]):
        raise ImageError(
            FileFault.SIZE_DIFFERS_FROM_COCO_FILE,
            f"{image.path} is {pixels.shape[1]}x{pixels.shape[0]}, its boxes are for {image.size}",
        )
    return pixels


def _usable(
    read: Iterable[tuple[LabelledImage, images.Image | ImageError]], skipped: Counter[str]
) -> Iterator[tuple[LabelledImage, images.Image]]:
    for image, pixels in read:
        if isinstance(pixels, ImageError):
            skipped[pixels.reason] += 1
        else:
            yield image, pixels
