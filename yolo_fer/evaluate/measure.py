"""From true and predicted faces to all the figures of `Metrics`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yolo_fer.dataset.evaluation_set import EvaluationSet
from yolo_fer.emotions import Emotion
from yolo_fer.evaluate.average_precision import (
    Ranking,
    WorkingPoint,
    best_working_point,
    rank,
)
from yolo_fer.evaluate.calibration import Reliability, reliability
from yolo_fer.evaluate.confusion import MISSED, Naming, macro_f1, name_faces
from yolo_fer.evaluate.few_faces import about_few_faces
from yolo_fer.evaluate.finding import Finding, find_faces
from yolo_fer.evaluate.intervals import bootstrap
from yolo_fer.evaluate.matching import IOU_THRESHOLDS, Matches, Problem, match
from yolo_fer.evaluate.metrics import (
    AllFacesMetrics,
    ClassMetrics,
    Interval,
    Metrics,
    Provenance,
    SliceMetrics,
)
from yolo_fer.evaluate.observations import Observations
from yolo_fer.evaluate.options import EvaluationOptions
from yolo_fer.evaluate.slices import Slicer

SEED = 0


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """The figures, with what the pictures are drawn from.

    Args:
        metrics: all figures.
        precision: (101, 7) precision at IoU 0.5 and COCO's recalls, -1 for an absent class.
        naming: what each labelled face was called.
        reliability: scores against precision.
        faces: matches of boxes to faces, whatever the emotion.
    """

    metrics: Metrics
    precision: NDArray[np.float64]
    naming: Naming
    reliability: Reliability
    faces: Matches


def measure(
    seen: Observations,
    dataset: EvaluationSet,
    provenance: Provenance,
    options: EvaluationOptions,
    skipped: Mapping[str, int],
) -> Measurement:
    """Compute all figures.

    Args:
        seen: true and predicted faces.
        dataset: where the images came from.
        provenance: what was evaluated.
        options: how; their threshold is that at which `seen` has faces as shown.
        skipped: images left out, by reason.
    """
    assert options.threshold is not None  # noqa: S101  # `evaluate` has asked the predictor
    at_50 = IOU_THRESHOLDS[:1]
    problem, face_problem = Problem.of_emotions(seen), Problem.of_faces(seen)
    emotions, faces = match(problem), match(face_problem, at_50)
    strict = match(Problem.of_emotions(seen, strict=True), at_50)
    found = find_faces(seen)
    statistics = _Statistics(rank(problem, emotions), rank(face_problem, faces)[0], seen, faces)
    naming = statistics.naming
    groups = [image.group for image in seen.images]
    intervals = bootstrap(statistics, groups, options.resamples, seed=SEED)
    point = best_working_point(statistics.rankings)
    calibration = reliability(seen, emotions)
    slicer = Slicer(
        seen, (problem, emotions), (face_problem, faces), naming, found, options.resamples, SEED
    )
    whole = slicer.whole()
    classes = _class_metrics(naming, point, intervals, emotions, strict)
    present = [c for c in classes if c.faces]
    confusion = naming.confusion()
    metrics = Metrics(
        provenance=provenance,
        images=len(seen.images),
        faces=int(seen.labelled.sum()),
        ignored_faces=int((~seen.labelled).sum()),
        groups=len(set(groups)),
        skipped=dict(sorted(skipped.items())),
        bad_labels=dict(sorted(dataset.bad_labels.items())),
        warnings=dataset.warnings + _warnings(classes, intervals, options.resamples),
        cautions=about_few_faces(seen),
        classes=classes,
        map50=float(np.mean([c.ap50 for c in present])),
        map50_interval=intervals[_MAP],
        map50_95=float(np.mean([c.ap50_95 for c in present])),
        map50_strict=float(np.mean([c.ap50_strict for c in present])),
        face_ap50=float(faces.average_precision(0)[0]),
        face_ap50_interval=intervals[_FACE],
        confidence=point.threshold,
        accuracy=naming.accuracy(np.ones(len(seen.images))),
        accuracy_interval=intervals[_ACCURACY],
        macro_f1=macro_f1(confusion),
        found=float(confusion[:, :MISSED].sum() / confusion.sum()),
        calibration_error=calibration.error,
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        resamples=options.resamples,
        seed=SEED,
        threshold=options.threshold,
        best_threshold=_best_threshold(statistics.face),
        face_recall=whole.face_recall,
        face_recall_interval=whole.face_recall_interval,
        all_faces=_all_faces(seen, found, whole),
        sizes=slicer.by_size(),
        sources=slicer.by_column("source") if len({i.source for i in seen.images}) > 1 else (),
        slices={column: slicer.by_column(column) for column in dict.fromkeys(options.columns)},
    )
    return Measurement(metrics, emotions.precision[0], naming, calibration, faces)


_MAP, _FACE, _ACCURACY = len(Emotion), len(Emotion) + 1, len(Emotion) + 2


class _Statistics:
    """The figures that get intervals, as a function of the images' weights.

    The order is AP50 of each emotion, mAP50, face AP50, accuracy.
    """

    def __init__(
        self, rankings: list[Ranking], face: Ranking, seen: Observations, faces: Matches
    ) -> None:
        self.rankings, self.face = rankings, face
        self.naming = name_faces(seen, faces)

    def __call__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        ap50 = np.array([ranking.average_precision(weights) for ranking in self.rankings])
        present = ap50[~np.isnan(ap50)]
        mean = present.mean() if present.size else np.nan
        face, accuracy = self.face.average_precision(weights), self.naming.accuracy(weights)
        return np.array([*ap50, mean, face, accuracy])


def _class_metrics(
    naming: Naming,
    point: WorkingPoint,
    intervals: Sequence[Interval],
    emotions: Matches,
    strict: Matches,
) -> tuple[ClassMetrics, ...]:
    faces = naming.confusion().sum(axis=1)
    ap50, ap50_95 = emotions.average_precision(0), emotions.average_precision()
    ap50_strict = strict.average_precision(0)
    return tuple(
        ClassMetrics(
            emotion=emotion.label,
            faces=int(faces[emotion]),
            precision=float(point.precision[emotion]),
            recall=float(point.recall[emotion]),
            ap50=float(ap50[emotion]),
            ap50_interval=intervals[emotion],
            ap50_95=float(ap50_95[emotion]),
            ap50_strict=float(ap50_strict[emotion]),
        )
        for emotion in Emotion
    )


def _best_threshold(face: Ranking) -> float:
    """Return the score at which faces are found with the best F1, NaN where none is found."""
    point = best_working_point([face])
    return point.threshold if point.recall[0] > 0 and point.precision[0] > 0 else np.nan


def _all_faces(seen: Observations, finding: Finding, whole: SliceMetrics) -> AllFacesMetrics | None:
    if finding.all_faces is None or whole.all_faces is None:
        return None
    return AllFacesMetrics(
        images=int(seen.all_boxed.sum()),
        faces=whole.all_faces,
        unlabelled=int((finding.all_faces.counted & ~seen.labelled).sum()),
        ap50=whole.all_ap50,
        recall=whole.all_recall,
        recall_interval=whole.all_recall_interval,
    )


def _warnings(
    classes: tuple[ClassMetrics, ...], intervals: Sequence[Interval], resamples: int
) -> tuple[str, ...]:
    warnings = []
    absent = [c.emotion for c in classes if not c.faces]
    if absent:
        warnings.append(f"no face shows {', '.join(absent)}: no AP, and not a part of the means")
    if resamples and all(interval is None for interval in intervals):
        warnings.append("all images are of one group: no intervals")
    return tuple(warnings)
