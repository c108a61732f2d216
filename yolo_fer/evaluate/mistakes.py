"""The worst mistakes: wrong names, missed faces, faces where none is; at most two of one video."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yolo_fer.boxes import area
from yolo_fer.dataset.evaluation_set import LabelledImage
from yolo_fer.emotions import Emotion
from yolo_fer.evaluate.confusion import MISSED
from yolo_fer.evaluate.matching import Outcome
from yolo_fer.evaluate.measure import Measurement
from yolo_fer.evaluate.observations import Observations
from yolo_fer.files import write_atomically
from yolo_fer.paths import ESCAPE

MOST = 16
"""Of each kind."""
_MOST_OF_A_GROUP = 2  # else one video whose label is wrong would fill them
_COLUMNS = ("kind", "number", "file", "x1", "y1", "x2", "y2", "emotion", "named", "score")


@dataclass(frozen=True, slots=True, eq=False)
class Mistake:
    """One of them.

    Args:
        image: where it was made.
        box: (4,) corners in pixels: of the true face or, where there is none, of the predicted one.
        truth: what the face shows, None where there is none.
        named: what it was taken for, None if it was missed.
        score: the probability of a wrong name, or the score of a face where none is.
    """

    image: LabelledImage
    box: NDArray[np.float64]
    truth: Emotion | None
    named: Emotion | None
    score: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Mistakes:
    """The worst mistakes of one kind, the worst first."""

    title: str
    items: tuple[Mistake, ...]


def worst_mistakes(seen: Observations, measurement: Measurement) -> tuple[Mistakes, ...]:
    """Return labelled faces that were named wrong, labelled faces missed, and false faces.

    The first are those with the highest probability, the second the largest, the third those with
    the highest score. Of images that belong together, as the frames of a video do, two at most
    are taken.
    """
    kinds = {
        "named wrong, by probability": _named_wrong(seen, measurement),
        "missed, by size": _missed(seen, measurement),
        "no known face, by score": _false_faces(seen, measurement),
    }
    return tuple(Mistakes(title, tuple(_spread(found))) for title, found in kinds.items())


def write_mistakes(path: Path, kinds: tuple[Mistakes, ...]) -> None:
    """Write a row for each mistake, numbered as on the sheet."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for kind in kinds:
        for number, item in enumerate(kind.items, start=1):
            emotions = ["" if e is None else e.label for e in (item.truth, item.named)]
            score = "" if item.score is None else f"{item.score:.4f}"
            box = [f"{value:.1f}" for value in item.box]
            name = kind.title.partition(",")[0]
            writer.writerow([name, number, item.image.name, *box, *emotions, score])
    write_atomically(path, text.getvalue().encode("utf-8", ESCAPE))


def _spread(found: Iterator[Mistake]) -> Iterator[Mistake]:
    taken: Counter[str] = Counter()
    for item in found:
        if taken[item.image.group] < _MOST_OF_A_GROUP:
            taken[item.image.group] += 1
            yield item
        if taken.total() == MOST:
            return


def _named_wrong(seen: Observations, measurement: Measurement) -> Iterator[Mistake]:
    naming = measurement.naming
    wrong = np.flatnonzero((naming.named != naming.truth) & (naming.named != MISSED))
    for i in wrong[np.argsort(-naming.probability[wrong], kind="stable")]:
        yield Mistake(
            seen.images[naming.image[i]],
            seen.truth_boxes[naming.face[i]],
            Emotion(naming.truth[i]),
            Emotion(naming.named[i]),
            float(naming.probability[i]),
        )


def _missed(seen: Observations, measurement: Measurement) -> Iterator[Mistake]:
    naming = measurement.naming
    missed = np.flatnonzero(naming.named == MISSED)
    sizes = area(seen.truth_boxes[naming.face[missed]])
    for i in missed[np.argsort(-sizes, kind="stable")]:
        box = seen.truth_boxes[naming.face[i]]
        yield Mistake(seen.images[naming.image[i]], box, Emotion(naming.truth[i]), None, None)


def _false_faces(seen: Observations, measurement: Measurement) -> Iterator[Mistake]:
    false = np.flatnonzero(measurement.faces.outcome[:, 0] == Outcome.FALSE)
    for i in false[np.argsort(-seen.face_scores[false], kind="stable")]:
        best = Emotion(int(seen.scores[i].argmax()))
        image, score = seen.images[seen.box_image[i]], float(seen.face_scores[i])
        yield Mistake(image, seen.boxes[i], None, best, score)
