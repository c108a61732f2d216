"""Printing the figures of an evaluation for a person."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from yolo_fer.evaluate.metrics import Interval, Metrics, SliceMetrics, largest
from yolo_fer.evaluate.text_table import text_table

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

PAPER_MAP50 = 0.3393
"""mAP50 of "You Only Feel Once" (2020), on its own test set; the reference of this project."""
_SAME_THRESHOLD = 0.05
PAPER_AP50: dict[str, float] = {
    "anger": 0.432,
    "disgust": 0.069,
    "fear": 0.677,
    "happiness": 0.333,
    "sadness": 0.312,
    "surprise": 0.237,
    "neutral": 0.316,
}

_OF_CLASSES = ("faces", "precision", "recall", "AP50 (95 %)", "AP50-95", "strict", "paper")


def print_report(metrics: Metrics, console: Console) -> None:
    """Print the table of the classes, the totals and where the figures come from."""
    console.print(_class_table(metrics))
    for line in _totals(metrics):
        console.print(line, soft_wrap=True, highlight=False)
    console.print(_slice_table(metrics, "face size", metrics.sizes))
    console.print(
        "sizes: root of the box's area in pixels of the network's input; found: at the threshold "
        f"{metrics.threshold:.3g}; intervals are in metrics.json",
        soft_wrap=True,
        highlight=False,
    )
    if metrics.sources and "source" not in metrics.slices:
        console.print(_slice_table(metrics, "source", metrics.sources))
    for column, rows in metrics.slices.items():
        console.print(_slice_table(metrics, column, rows))
    console.print()
    for line in _origin(metrics):
        console.print(line, soft_wrap=True, highlight=False, markup=False)


def percent(value: float) -> str:
    """Return a share as a percentage with one decimal, a dash for a figure that is not defined."""
    return "—" if math.isnan(value) else f"{100 * value:.1f}"


def _with_interval(value: float, interval: Interval) -> str:
    if interval is None:
        return percent(value)
    return f"{percent(value)} ({percent(interval[0])}-{percent(interval[1])})"


def _class_table(metrics: Metrics) -> Table:
    from rich.markup import escape

    title = f"{escape(metrics.provenance.predictor)}, all figures in %"
    table = text_table(title, "emotion", _OF_CLASSES)
    for c in metrics.classes:
        table.add_row(
            c.emotion,
            str(c.faces),
            percent(c.precision),
            percent(c.recall),
            _with_interval(c.ap50, c.ap50_interval),
            percent(c.ap50_95),
            percent(c.ap50_strict),
            percent(PAPER_AP50[c.emotion]),
        )
    table.add_section()
    present = [c for c in metrics.classes if c.faces]
    table.add_row(
        "mean",
        str(metrics.faces),
        percent(sum(0 if math.isnan(c.precision) else c.precision for c in present) / len(present)),
        percent(sum(c.recall for c in present) / len(present)),
        _with_interval(metrics.map50, metrics.map50_interval),
        percent(metrics.map50_95),
        percent(metrics.map50_strict),
        percent(PAPER_MAP50),
        style="bold",
    )
    table.caption = (
        f"precision and recall at a score of {metrics.confidence:.3f}, where the mean F1 is best; "
        "strict: AP50 where a detection on an unlabelled face is false; "
        "paper: that of You Only Feel Once, on another test set"
    )
    return table


def _totals(metrics: Metrics) -> list[str]:
    return [
        f"mAP50      {_with_interval(metrics.map50, metrics.map50_interval)} %, "
        f"strict {percent(metrics.map50_strict)} %; the paper: {100 * PAPER_MAP50:.2f} % "
        "on another test set",
        f"face AP50  {_with_interval(metrics.face_ap50, metrics.face_ap50_interval)} %; "
        f"{_with_interval(metrics.face_recall, metrics.face_recall_interval)} % are found at the "
        f"threshold {metrics.threshold:.3g}{_better_threshold(metrics)}",
        *_about_all_faces(metrics),
        f"accuracy   {_with_interval(metrics.accuracy, metrics.accuracy_interval)} % and macro-F1 "
        f"{percent(metrics.macro_f1)} % on the {percent(metrics.found)} % of faces that were found",
    ]


def _better_threshold(metrics: Metrics) -> str:
    """Say which threshold finds faces best, where it is another one."""
    if abs(metrics.best_threshold - metrics.threshold) > _SAME_THRESHOLD:  # not of NaN
        return f"; the F1 of finding them is best at {metrics.best_threshold:.3g}"
    return ""


def _about_all_faces(metrics: Metrics) -> list[str]:
    every = metrics.all_faces
    if every is None:
        return []
    return [
        f"all faces  AP50 {percent(every.ap50)} %; "
        f"{_with_interval(every.recall, every.recall_interval)} % are found at the threshold: "
        f"{every.faces} faces, {every.unlabelled} of them without a label, on the {every.images} "
        f"of {metrics.images} images whose faces are all boxed"
    ]


def _slice_table(metrics: Metrics, title: str, rows: Sequence[SliceMetrics]) -> Table:
    """Return a row of figures for each slice, the largest ones of very many."""
    from rich.markup import escape

    all_faces = metrics.all_faces is not None
    headings = ["images", "faces", "accuracy", "mAP50", "found", "face\nAP50"]
    headings += ["all\nfaces", "found", "AP50"] if all_faces else []
    table = text_table(f"by {escape(title)}, in %", escape(title), headings)
    shown = largest(rows)
    for row in shown:
        cells = [percent(v) for v in (row.accuracy, row.map50, row.face_recall, row.face_ap50)]
        if all_faces:
            cells += [str(row.all_faces), percent(row.all_recall), percent(row.all_ap50)]
        name = escape(row.value) or "(none)"
        table.add_row(name, str(row.images), str(row.faces), *cells)
    if len(shown) < len(rows):
        table.caption = f"the {len(shown)} with the most faces of {len(rows)}; all in metrics.json"
    return table


def _origin(metrics: Metrics) -> list[str]:
    origin = metrics.provenance
    options = ", ".join(f"{name} {value}" for name, value in origin.options.items())
    lines = [
        f"data       {origin.data}, split {origin.split}: {metrics.images} images in "
        f"{metrics.groups} groups, {metrics.faces} labelled faces, {metrics.ignored_faces} ignored",
        f"weights    {origin.predictor}, sha256 {origin.weights_sha256 or 'not one file'}",
        f"options    {options or 'none'}",
    ]
    lines += _counted("left out", "images", metrics.skipped)
    lines += _counted("bad labels", "rows", metrics.bad_labels)
    if origin.command:
        lines.append(f"again with {origin.command}")
    return lines


def _counted(title: str, unit: str, reasons: Mapping[str, int]) -> list[str]:
    if not reasons:
        return []
    parts = ", ".join(f"{n} {reason}" for reason, n in reasons.items())
    return [f"{title:<10} {sum(reasons.values())} {unit}: {parts}"]
