"""The charts of an evaluation: confusion, precision over recall, reliability of the scores."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import Normal, Stroke
from numpy.typing import NDArray

from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.evaluate.average_precision import RECALLS
from yolo_fer.evaluate.calibration import FLOOR
from yolo_fer.evaluate.measure import Measurement
from yolo_fer.files import write_figure
from yolo_fer.palette import COLOURS
from yolo_fer.paths import escaped

_DPI = 130


def draw_charts(measurement: Measurement, folder: Path) -> None:
    """Write confusion.png, precision_recall.png and reliability.png into a folder."""
    _confusion(measurement, folder / "confusion.png")
    _precision_recall(measurement, folder / "precision_recall.png")
    _reliability(measurement, folder / "reliability.png")


def new_figure(width: float, height: float) -> tuple[Figure, Axes]:
    """Return an empty figure of a size in inches, and its axes.

    It is made without pyplot, which has a global state and may open a window.
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def _confusion(measurement: Measurement, path: Path) -> None:
    counts = np.array(measurement.metrics.confusion)
    title = _title(measurement, "labelled faces, matched at IoU 0.5")
    draw_confusion(counts, EMOTION_NAMES, (*EMOTION_NAMES, "missed"), title, path)


def draw_confusion(
    counts: NDArray[np.int64], rows: Sequence[str], columns: Sequence[str], title: str, path: Path
) -> None:
    """Draw a confusion matrix.

    Args:
        counts: (R, C) faces of a true class by what they were named.
        rows: names of the true classes.
        columns: the same names, and those of further columns, which a line sets apart.
        title: above the matrix.
        path: the path of the .png to write.
    """
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(totals, 1)
    figure, axes = new_figure(8.8, 6.4)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if shares[row, column] > 0.55 else "black"
        text = f"{count}\n{shares[row, column]:.0%}" if count else "0"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=9)
    if len(columns) > len(rows):
        axes.axvline(len(rows) - 0.5, color="black", linewidth=1.5)
    axes.set_xticks(range(len(columns)), columns, rotation=30)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xlabel("named")
    axes.set_ylabel("true emotion")
    axes.set_title(escaped(title))
    figure.colorbar(image, ax=axes, label="share of the faces of a row")
    write_figure(path, figure, _DPI)


def _precision_recall(measurement: Measurement, path: Path) -> None:
    figure, axes = new_figure(7.4, 5.6)
    # Light colours are made for boxes in photographs; on white they need an outline.
    outline = [Stroke(linewidth=2.6, foreground="#444444"), Normal()]
    for metrics, colour, precision in zip(
        measurement.metrics.classes, COLOURS.values(), measurement.precision.T, strict=True
    ):
        if metrics.faces:
            label = f"{metrics.emotion} {100 * metrics.ap50:.1f}  ({metrics.faces} faces)"
            axes.plot(RECALLS, precision, color=colour, label=label, path_effects=outline)
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="recall", ylabel="precision")
    axes.grid(alpha=0.3)
    axes.legend(title="AP50, %", fontsize=9)
    title = _title(measurement, f"mAP50 {100 * measurement.metrics.map50:.1f} %")
    axes.set_title(escaped(title))
    write_figure(path, figure, _DPI)


def _reliability(measurement: Measurement, path: Path) -> None:
    table = measurement.reliability
    used = table.counts > 0
    width = table.edges[1] - table.edges[0]
    left = table.edges[:-1][used]
    figure, axes = new_figure(6.2, 5.6)
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--", linewidth=1, label="calibrated")
    axes.bar(left, table.precision[used], width, align="edge", color="#56B4E9", edgecolor="white")
    axes.plot(table.score[used], table.precision[used], "o", color="#0072B2", label="mean of a bin")
    for x, height, count in zip(left, table.precision[used], table.counts[used], strict=True):
        axes.text(x + width / 2, height + 0.015, f"{count}", ha="center", fontsize=8)
    axes.set(xlim=(0, 1), ylim=(0, 1.05))
    axes.set_xlabel(
        f"largest of the seven scores (boxes of at least {FLOOR}; their number above each bar)"
    )
    axes.set_ylabel("share that is a face of the named emotion")
    axes.legend(loc="upper left")
    error = "no boxes" if np.isnan(table.error) else f"calibration error {table.error:.3f}"
    axes.set_title(escaped(_title(measurement, error)))
    write_figure(path, figure, _DPI)


def _title(measurement: Measurement, text: str) -> str:
    return f"{measurement.metrics.provenance.title}: {text}"
