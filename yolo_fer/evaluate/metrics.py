"""The figures of one evaluation, and how they stand in metrics.json.

`Metrics.to_json` gives one object. A figure that is not defined (the AP of a class without faces,
the precision of a class that was never named) is null, never NaN; an interval is [low, high], or
null::

    {"predictor", "weights_sha256", "data", "split", "command", "options": {…}, "versions": {…},
     "images", "faces", "ignored_faces", "groups", "warnings": [text],
     "skipped": {reason: n}, "bad_labels": {reason: n},
     "map50", "map50_interval", "map50_95", "map50_strict", "face_ap50", "face_ap50_interval",
     "confidence": the one at which precision and recall are given,
     "accuracy", "accuracy_interval", "macro_f1", "found": share of labelled faces that were found,
     "calibration_error", "bootstrap": {"resamples", "seed", "coverage"},
     "classes": {emotion: {"faces", "precision", "recall", "ap50", "ap50_interval", "ap50_95",
                           "ap50_strict"}},
     "confusion": {true emotion: {named emotion: n, …, "missed": n}},
     "sources": {source: {"images", "faces", "map50", "face_ap50", "accuracy"}}}
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.evaluate.intervals import COVERAGE

Interval = tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class ClassMetrics:
    """The figures of one emotion, each in 0 to 1; NaN where it is not defined.

    Args:
        emotion: its label.
        faces: how many labelled faces show it.
        precision: at the confidence of `Metrics`.
        recall: likewise.
        ap50: average precision at IoU 0.5; faces that nobody labelled are ignored.
        ap50_interval: 95 %.
        ap50_95: mean over the IoU thresholds 0.50, 0.55, … 0.95.
        ap50_strict: at IoU 0.5, where a detection on a face that nobody labelled is false.
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
class SourceMetrics:
    """The figures of the images of one source dataset."""

    source: str
    images: int
    faces: int
    map50: float
    face_ap50: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Provenance:
    """What was evaluated, and on what.

    Args:
        predictor: its name.
        weights_sha256: None for a predictor without one weights file.
        data: the data.yaml.
        split: `train`, `val` or `test`.
        command: what prints the same figures again, None if no command did.
        options: of the predictor and the evaluation.
        versions: of the packages that decide the figures.
    """

    predictor: str
    weights_sha256: str | None
    data: str
    split: str
    command: str | None
    options: Mapping[str, Any]
    versions: Mapping[str, str]


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
    sources: tuple[SourceMetrics, ...]

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
            **{name: getattr(self, name) for name in _PLAIN},
            "warnings": list(self.warnings),
            "bootstrap": {"resamples": self.resamples, "seed": self.seed, "coverage": COVERAGE},
            "classes": {c.emotion: _fields(c, "emotion") for c in self.classes},
            "confusion": {
                name: dict(zip(columns, row, strict=True))
                for name, row in zip(EMOTION_NAMES, self.confusion, strict=True)
            },
            "sources": {s.source: _fields(s, "source") for s in self.sources},
        }
        cleaned: dict[str, Any] = _without_nan(content)
        return cleaned


_PLAIN = (
    "images",
    "faces",
    "ignored_faces",
    "groups",
    "skipped",
    "bad_labels",
    "map50",
    "map50_interval",
    "map50_95",
    "map50_strict",
    "face_ap50",
    "face_ap50_interval",
    "confidence",
    "accuracy",
    "accuracy_interval",
    "macro_f1",
    "found",
    "calibration_error",
)


def _fields(item: ClassMetrics | SourceMetrics, key: str) -> dict[str, Any]:
    return {name: getattr(item, name) for name in item.__slots__ if name != key}


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
