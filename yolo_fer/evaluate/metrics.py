"""The figures of one evaluation, and how they stand in metrics.json.

`Metrics.to_json` gives one object. A figure that is not defined (the AP of a class without faces,
the precision of a class that was never named) is null, never NaN; an interval is [low, high], or
null::

    {"predictor", "weights_sha256", "data", "split", "command", "options": {…}, "versions": {…},
     "images", "faces", "ignored_faces", "groups", "warnings": [text],
     "cautions": [text]: of what there are too few faces or people to trust its figures,
     "skipped": {reason: n}, "bad_labels": {reason: n},
     "map50", "map50_interval", "map50_95", "map50_strict", "face_ap50", "face_ap50_interval",
     "confidence": the one at which precision and recall are given,
     "accuracy", "accuracy_interval", "macro_f1", "found": share of labelled faces that were found,
     "calibration_error", "bootstrap": {"resamples", "seed", "coverage"},
     "classes": {emotion: {"faces", "precision", "recall", "ap50", "ap50_interval", "ap50_95",
                           "ap50_strict"}},
     "confusion": {true emotion: {named emotion: n, …, "missed": n}},
     "threshold": the least score of a face with which the predictor is used,
     "best_threshold": that at which the F1 of finding the labelled faces would be best,
     "face_recall": share of labelled faces that are found at it, "face_recall_interval",
     "all_faces": {"images": of which all faces are known, "faces": labelled or not, "unlabelled",
                   "ap50", "recall": share found at the threshold, "recall_interval"}, or null,
     "sizes": {range in pixels of the network's input: slice},
     "sources": {source: slice} where there are several, "slices": {column: {value: slice}}}

with a slice for each part of the faces::

    {"images", "faces", "accuracy", "accuracy_interval", "map50", "face_recall",
     "face_recall_interval", "face_ap50", "all_faces", "all_recall", "all_recall_interval",
     "all_ap50"}
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.evaluate.environment import installed_versions
from yolo_fer.evaluate.intervals import COVERAGE
from yolo_fer.evaluate.options import Origin

Interval = tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class ClassMetrics:
    """The figures of one emotion, each in 0 to 1; NaN where it is not defined.

    Args:
        emotion: the label of the emotion.
        faces: how many labelled faces show it.
        precision: the precision at the threshold of the `Metrics`.
        recall: recall, with the same definition of a match.
        ap50: average precision at IoU 0.5; unlabelled faces are ignored.
        ap50_interval: 95 %.
        ap50_95: mean over the IoU thresholds 0.50, 0.55, … 0.95.
        ap50_strict: the average precision at IoU 0.5 where a detection on an unlabelled face is
            false.
    """

    emotion: str
    faces: int
    precision: float
    recall: float
    ap50: float
    ap50_interval: Interval
    ap50_95: float
    ap50_strict: float


@dataclass(frozen=True, slots=True)
class SliceMetrics:
    """The figures of a part of the faces, each in 0 to 1; NaN where it is not defined.

    Args:
        value: the range of sizes, or what stands in the manifest.
        images: that have the value, or a face of the size.
        faces: labelled ones.
        accuracy: share of the found ones that are named right, as in `Metrics`.
        accuracy_interval: 95 %.
        map50: mean AP50 of the emotions that some of the faces show.
        face_recall: share of the labelled faces that are found at the threshold of `Metrics`.
        face_recall_interval: 95 %.
        face_ap50: the AP at IoU 0.5 of finding the labelled ones.
        all_faces: how many faces, labelled or not, are to be found; None if that is not known.
        all_recall: share of them that are found at the threshold.
        all_recall_interval: 95 %.
        all_ap50: the AP at IoU 0.5 of finding them.
    """

    value: str
    images: int
    faces: int
    accuracy: float
    accuracy_interval: Interval
    map50: float
    face_recall: float
    face_recall_interval: Interval
    face_ap50: float
    all_faces: int | None
    all_recall: float
    all_recall_interval: Interval
    all_ap50: float


MOST_SLICES = 30
"""More values of a column are not shown to a person."""


def largest(slices: Sequence[SliceMetrics]) -> list[SliceMetrics]:
    """Return the slices with the most faces, `MOST_SLICES` of them at most, in their order."""
    by_faces = sorted(slices, key=lambda s: -max(s.faces, s.all_faces or 0))[:MOST_SLICES]
    kept = {s.value for s in by_faces}
    return [s for s in slices if s.value in kept]


@dataclass(frozen=True, slots=True)
class AllFacesMetrics:
    """Finding of all faces, labelled or not, on the images of which all are known.

    Args:
        images: how many these are.
        faces: on them, without those that were painted over.
        unlabelled: how many of them have no label.
        ap50: average precision at IoU 0.5.
        recall: share of the faces that are found at the threshold of `Metrics`.
        recall_interval: 95 %.
    """

    images: int
    faces: int
    unlabelled: int
    ap50: float
    recall: float
    recall_interval: Interval


@dataclass(frozen=True, slots=True)
class Provenance:
    """What was evaluated, and on what.

    Args:
        predictor: its name.
        weights_sha256: None for a predictor without one weights file.
        data: the data.yaml.
        split: `train`, `val` or `test`.
        command: what prints the same figures again, None if no command did.
        options: the options of the predictor and the evaluation.
        versions: the versions of the packages that decide the figures.
    """

    predictor: str
    weights_sha256: str | None
    data: str
    split: str
    command: str | None
    options: Mapping[str, Any]
    versions: Mapping[str, str]

    @property
    def title(self) -> str:
        """The predictor, the folder of the set and the split, as charts name them."""
        return f"{self.predictor} on {Path(self.data).parent.name} ({self.split})"

    @classmethod
    def of(cls, predictor: str, data: str, split: str, origin: Origin) -> Provenance:
        """Return what is noted of an evaluation with the packages that are installed here."""
        return cls(
            predictor,
            origin.weights_sha256,
            data,
            split,
            origin.command,
            dict(origin.options),
            installed_versions(),
        )


@dataclass(frozen=True, slots=True)
class Metrics:
    """All figures of one evaluation, each in 0 to 1; see the head of this file."""

    provenance: Provenance
    images: int
    faces: int
    ignored_faces: int
    groups: int
    skipped: Mapping[str, int]
    bad_labels: Mapping[str, int]
    warnings: tuple[str, ...]
    cautions: tuple[str, ...]
    classes: tuple[ClassMetrics, ...]
    map50: float
    map50_interval: Interval
    map50_95: float
    map50_strict: float
    face_ap50: float
    face_ap50_interval: Interval
    confidence: float
    accuracy: float
    accuracy_interval: Interval
    macro_f1: float
    found: float
    calibration_error: float
    confusion: tuple[tuple[int, ...], ...]
    resamples: int
    seed: int
    threshold: float
    best_threshold: float
    face_recall: float
    face_recall_interval: Interval
    all_faces: AllFacesMetrics | None
    sizes: tuple[SliceMetrics, ...]
    sources: tuple[SliceMetrics, ...]
    slices: Mapping[str, tuple[SliceMetrics, ...]]

    @property
    def bad_items(self) -> int:
        """How many images were left out and label rows not used."""
        return sum(self.skipped.values()) + sum(self.bad_labels.values())

    def to_json(self) -> dict[str, Any]:
        """Return the object of metrics.json."""
        origin = self.provenance
        columns = (*EMOTION_NAMES, "missed")
        content = {
            **{name: getattr(origin, name) for name in Provenance.__slots__},
            **{name: getattr(self, name) for name in self.__slots__ if name not in _NESTED},
            "warnings": list(self.warnings),
            "cautions": list(self.cautions),
            "bootstrap": {"resamples": self.resamples, "seed": self.seed, "coverage": COVERAGE},
            "classes": {c.emotion: _fields(c, "emotion") for c in self.classes},
            "confusion": {
                name: dict(zip(columns, row, strict=True))
                for name, row in zip(EMOTION_NAMES, self.confusion, strict=True)
            },
            "all_faces": None if self.all_faces is None else asdict(self.all_faces),
            "sizes": _slices(self.sizes),
            "sources": _slices(self.sources),
            "slices": {column: _slices(rows) for column, rows in self.slices.items()},
        }
        return dict(without_nan(content))


_NESTED = {"provenance", "warnings", "cautions", "classes", "confusion", "resamples", "seed"}
_NESTED |= {"all_faces", "sizes", "sources", "slices"}
"""The fields of `Metrics` that do not stand in metrics.json under their name and as they are."""


def _slices(slices: tuple[SliceMetrics, ...]) -> dict[str, dict[str, Any]]:
    return {s.value: _fields(s, "value") for s in slices}


def _fields(item: ClassMetrics | SliceMetrics, key: str) -> dict[str, Any]:
    return {name: getattr(item, name) for name in item.__slots__ if name != key}


def without_nan(value: Any) -> Any:
    """Return JSON in which numbers that no other language reads are null."""
    if isinstance(value, Mapping):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
