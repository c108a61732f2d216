"""Evaluating a predictor on one split of a dataset: the one way, for every command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from yolo_fer.dataset.evaluation_set import EvaluationSet, read_evaluation_set
from yolo_fer.errors import MissingExtraError, UsageError, YoloFerError
from yolo_fer.evaluate.measure import Measurement, measure
from yolo_fer.evaluate.metrics import Metrics, Provenance
from yolo_fer.evaluate.mistakes import Mistakes, worst_mistakes, write_mistakes
from yolo_fer.evaluate.observations import MeasuredPredictor, Observations, observe
from yolo_fer.evaluate.options import EvaluationOptions, Origin
from yolo_fer.evaluate.run_folder import write_metrics, write_predictions
from yolo_fer.runtime.executor import Progress, no_progress

_MOST_VALUES = 200  # of a column; the slices of more would be too small to say anything


def evaluate(
    predictor: MeasuredPredictor,
    data_yaml: Path,
    split: str = "val",
    options: EvaluationOptions = EvaluationOptions(),
    *,
    out: Path | None = None,
    origin: Origin = Origin(),
    progress: Progress[Any] = no_progress,
) -> Metrics:
    """Measure a predictor; see `Metrics` for the figures.

    Args:
        predictor: a detector, or a two-stage system. To trace the whole precision-recall curve it
            should report faces down to a confidence of 0.001.
        data_yaml: the data.yaml of the dataset, converted by yolo-fer or a plain YOLO one.
        split: `train`, `val` or `test`.
        options: how it is measured.
        out: an existing folder for metrics.json, predictions.json, worst_mistakes.csv and the
            pictures; None writes nothing.
        origin: where the predictor comes from, for the record.
        progress: wraps the images to show how far it is.

    Raises:
        UsageError: if the data.yaml has no such split, or the manifest no such column, or it has
            too many values.
        YoloFerError: if the data cannot be used: no emotion, no labelled face, no readable image.
        MissingExtraError: if pycocotools or, for pictures, matplotlib is not installed.
    """
    draws = out is not None and options.plots
    _check_packages("pycocotools", *(["matplotlib"] if draws else []))
    dataset = read_evaluation_set(data_yaml, split)
    _check_columns(dataset, options.columns)
    if options.threshold is None:
        options = replace(options, threshold=predictor.advised_conf)
    skipped: Counter[str] = Counter(dataset.skipped)
    seen = observe(
        predictor,
        dataset,
        threshold=options.threshold,
        batch=options.batch,
        skipped=skipped,
        progress=progress,
    )
    if not seen.labelled.any():
        raise YoloFerError(
            f"{data_yaml}: no image of the split {split} that can be read has a labelled face"
        )
    provenance = Provenance.of(predictor.name, str(data_yaml), split, origin)
    measurement = measure(seen, dataset, provenance, options, skipped)
    if out is not None:
        _write(out, seen, measurement, draws)
    return measurement.metrics


def _write(out: Path, seen: Observations, measurement: Measurement, draws: bool) -> None:
    """Write all files of an evaluation; metrics.json comes last, so that it stands for the rest."""
    mistakes = worst_mistakes(seen, measurement)
    write_predictions(out / "predictions.json", seen)
    write_mistakes(out / "worst_mistakes.csv", mistakes)
    try:
        if draws:
            _draw(out, measurement, mistakes)
    except Exception:
        # The figures may have taken hours: a picture that cannot be drawn must not cost them.
        write_metrics(out / "metrics.json", measurement.metrics)
        raise
    write_metrics(out / "metrics.json", measurement.metrics)


def _draw(out: Path, measurement: Measurement, mistakes: tuple[Mistakes, ...]) -> None:
    from yolo_fer.evaluate.charts import draw_charts
    from yolo_fer.evaluate.mistakes_sheet import draw_mistakes
    from yolo_fer.evaluate.slice_charts import draw_slices

    draw_charts(measurement, out)
    draw_slices(measurement.metrics, out)
    draw_mistakes(out / "worst_mistakes.jpg", mistakes)


def _check_columns(dataset: EvaluationSet, columns: Sequence[str]) -> None:
    """Complain before the images are looked at."""
    for column in columns:
        if column not in dataset.columns:
            there = (
                f"its manifest.csv has the columns {', '.join(dataset.columns)}"
                if dataset.columns
                else "it has no manifest.csv, which `yolo-fer convert` writes"
            )
            raise UsageError(f"{dataset.data_yaml}: no column '{column}' to slice by; {there}")
        values = {image.record.get(column) for image in dataset.images}
        if len(values) > _MOST_VALUES:
            raise UsageError(
                f"{dataset.data_yaml}: the column '{column}' has {len(values)} different values in "
                f"the split {dataset.split}; slice by one with at most {_MOST_VALUES}"
            )


def _check_packages(*packages: str) -> None:
    """Complain before the images are looked at, which can take an hour."""
    for package in packages:
        if find_spec(package) is None:
            raise MissingExtraError(package, "train", "evaluation")
