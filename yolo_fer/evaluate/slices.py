"""The figures of a part of the faces: those of one size, or of one value of a manifest's column."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from yolo_fer.boxes import area
from yolo_fer.dataset.labels import IGNORED
from yolo_fer.evaluate.average_precision import rank
from yolo_fer.evaluate.confusion import MISSED, Naming
from yolo_fer.evaluate.finding import Finding
from yolo_fer.evaluate.intervals import bootstrap
from yolo_fer.evaluate.matching import Matches, Outcome, Problem
from yolo_fer.evaluate.metrics import Interval, SliceMetrics
from yolo_fer.evaluate.observations import Observations

SIZES = (24.0, 48.0, 96.0, 192.0)
"""Where one range of face sizes ends and the next begins, in pixels of the network's input."""
SIZE_NAMES = ("below 24", "24-48", "48-96", "96-192", "above 192")

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Slicer:
    """What figures of parts are computed from.

    Args:
        seen: true and predicted faces.
        emotions: the problem of seven classes, and its matches.
        faces: the problem of finding the labelled faces, and its matches.
        naming: what each labelled face was called.
        finding: which faces are found at the threshold.
        resamples: the number of resamples of the bootstrap; 0 gives no intervals.
        seed: the seed of the bootstrap.
    """

    seen: Observations
    emotions: tuple[Problem, Matches]
    faces: tuple[Problem, Matches]
    naming: Naming
    finding: Finding
    resamples: int
    seed: int

    def whole(self) -> SliceMetrics:
        """Return the figures of all faces together."""
        every_face = np.ones(len(self.seen.truth_boxes), np.bool_)
        every_box = np.ones(len(self.seen.boxes), np.bool_)
        return self._measure([_Part("", every_face, every_box, len(self.seen.images))])[0]

    def by_size(self) -> tuple[SliceMetrics, ...]:
        """Return the figures of each range of `SIZES`, also where it has no face.

        The size of a face is the root of its box's area in pixels of the network's input. As COCO
        does it, a box on a face of another size is ignored, and so is one on no face whose own size
        is another.
        """
        scale = self.seen.scale
        truth = np.sqrt(area(self.seen.truth_boxes)) * scale[self.seen.truth_image]
        boxes = np.sqrt(area(self.seen.boxes)) * scale[self.seen.box_image]
        truth_range, box_range = (np.searchsorted(SIZES, s, side="right") for s in (truth, boxes))
        parts = []
        for number, name in enumerate(SIZE_NAMES):
            own = truth_range == number
            images = np.unique(self.seen.truth_image[own]).size
            parts.append(_Part(name, own, box_range == number, images))
        return self._measure(parts)

    def by_column(self, column: str) -> tuple[SliceMetrics, ...]:
        """Return the figures of each value of a column of the manifest, in their order."""
        values = np.array([image.record.get(column) or "" for image in self.seen.images])
        parts = []
        for value in sorted(set(values.tolist()), key=_order):
            own = values == value
            faces, boxes = own[self.seen.truth_image], own[self.seen.box_image]
            parts.append(_Part(value, faces, boxes, int(own.sum())))
        return self._measure(parts)

    def _measure(self, parts: Sequence[_Part]) -> tuple[SliceMetrics, ...]:
        shares = [share for part in parts for share in self._shares(part)]
        intervals = self._intervals(shares)
        rows = []
        for number, part in enumerate(parts):
            (accuracy, recall, all_recall), ends = shares[3 * number :][:3], intervals[3 * number :]
            everyone = self.finding.all_faces
            rows.append(
                SliceMetrics(
                    value=part.value,
                    images=part.images,
                    faces=int(recall.of.sum()),
                    accuracy=accuracy.value,
                    accuracy_interval=ends[0],
                    map50=_mean(part.average_precisions(*self.emotions)),
                    face_recall=recall.value,
                    face_recall_interval=ends[1],
                    face_ap50=part.average_precisions(*self.faces)[0],
                    all_faces=None if everyone is None else int(all_recall.of.sum()),
                    all_recall=all_recall.value,
                    all_recall_interval=ends[2],
                    all_ap50=math.nan
                    if everyone is None
                    else part.average_precisions(everyone.problem, everyone.matches)[0],
                )
            )
        return tuple(rows)

    def _shares(self, part: _Part) -> list[_Share]:
        """Return accuracy, the share of labelled faces found, and that of all faces."""
        faces = len(self.seen.truth_emotions)
        matched, right = np.zeros(faces, np.bool_), np.zeros(faces, np.bool_)
        matched[self.naming.face] = self.naming.named != MISSED
        right[self.naming.face] = self.naming.named == self.naming.truth
        everyone = self.finding.all_faces
        nobody = np.zeros(faces, np.bool_)
        counted = nobody if everyone is None else everyone.counted
        found = nobody if everyone is None else everyone.found
        return [
            self._share(matched & part.truth, right),
            self._share(self.seen.labelled & part.truth, self.finding.found),
            self._share(counted & part.truth, found),
        ]

    def _share(self, of: Mask, hit: Mask) -> _Share:
        images, image = len(self.seen.images), self.seen.truth_image
        hits = np.bincount(image[of & hit], minlength=images)
        return _Share(hits, np.bincount(image[of], minlength=images))

    def _intervals(self, shares: Sequence[_Share]) -> list[Interval]:
        # An image has faces of few slices, so most of a table of images by slices would be empty.
        images = [np.flatnonzero(share.of) for share in shares]
        number = np.repeat(np.arange(len(shares)), [len(some) for some in images])
        hits = np.concatenate(
            [share.hits[some] for share, some in zip(shares, images, strict=True)]
        )
        of = np.concatenate([share.of[some] for share, some in zip(shares, images, strict=True)])
        image = np.concatenate(images)

        def statistics(weights: NDArray[np.float64]) -> NDArray[np.float64]:
            own = weights[image]
            found, total = (np.bincount(number, own * n, len(shares)) for n in (hits, of))
            with np.errstate(invalid="ignore"):
                return np.asarray(found / total)

        groups = [image.group for image in self.seen.images]
        return bootstrap(statistics, groups, self.resamples, seed=self.seed)


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Some of the faces.

    Args:
        value: its name.
        truth: (G,) which true faces are in it.
        boxes: (D,) which boxes are false if they lie on no face.
        images: how many images have the value, or a face of the size.
    """

    value: str
    truth: Mask
    boxes: Mask
    images: int

    def average_precisions(self, problem: Problem, matches: Matches) -> list[float]:
        """Return the average precision of each class, NaN for one without faces."""
        outcome = matches.outcome.copy()
        outcome[(outcome == Outcome.FALSE) & ~self.boxes[:, None]] = Outcome.NOT_COUNTED
        others = np.flatnonzero(~self.truth & (matches.found_by >= 0))
        outcome[matches.found_by[others], problem.truth_classes[others]] = Outcome.NOT_COUNTED
        classes = np.where(self.truth, problem.truth_classes, IGNORED).astype(np.int8)
        rankings = rank(replace(problem, truth_classes=classes), replace(matches, outcome=outcome))
        every = np.ones(problem.images)
        return [ranking.average_precision(every) for ranking in rankings]


@dataclass(frozen=True, slots=True, eq=False)
class _Share:
    """How many faces of each of the N images are a hit, and of how many."""

    hits: NDArray[np.intp]
    of: NDArray[np.intp]

    @property
    def value(self) -> float:
        return float(self.hits.sum() / self.of.sum()) if self.of.any() else math.nan


def _mean(values: list[float]) -> float:
    """Return the mean of those that are defined, NaN if none is."""
    defined = [value for value in values if not np.isnan(value)]
    return sum(defined) / len(defined) if defined else math.nan


def _order(value: str) -> tuple[bool, float, str]:
    """Sort numbers by their size, before words."""
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    return (False, number, value) if math.isfinite(number) else (True, 0.0, value)
