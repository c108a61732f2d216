"""The charts of an evaluation by face size and by columns of the manifest."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from yolo_fer.evaluate.metrics import Interval, Metrics, SliceMetrics, largest
from yolo_fer.files import write_figure
from yolo_fer.paths import escaped, free_name

_DPI = 130
_WORDS = 24  # characters of a value that there is room for


@dataclass(frozen=True, slots=True)
class _Line:
    """One figure of all slices: how it is drawn, and where it stands in `SliceMetrics`."""

    label: str
    colour: str
    marker: str
    value: Callable[[SliceMetrics], float]
    interval: Callable[[SliceMetrics], Interval] = lambda row: None


_NAMING = (
    _Line("accuracy", "#0072B2", "o", lambda s: s.accuracy, lambda s: s.accuracy_interval),
    _Line("mAP50", "#D55E00", "s", lambda s: s.map50),
)
_FINDING = (
    _Line(
        "labelled: found", "#0072B2", "o", lambda s: s.face_recall, lambda s: s.face_recall_interval
    ),
    _Line("labelled: AP50", "#D55E00", "s", lambda s: s.face_ap50),
)
_FINDING_ALL = (
    _Line("all: found", "#009E73", "^", lambda s: s.all_recall, lambda s: s.all_recall_interval),
    _Line("all: AP50", "#CC79A7", "D", lambda s: s.all_ap50),
)


def draw_slices(metrics: Metrics, folder: Path) -> None:
    """Write by_size.png, and by_COLUMN.png for each column that the figures are sliced by."""
    _draw(metrics, "face size, pixels of the network's input", metrics.sizes, True, folder, "size")
    columns = {**({"source": metrics.sources} if metrics.sources else {}), **metrics.slices}
    taken = {"size"}
    for column, rows in columns.items():
        name = free_name(re.sub(r"[^\w-]+", "_", column), taken)
        _draw(metrics, column, largest(rows), False, folder, name)


def _draw(
    metrics: Metrics,
    what: str,
    rows: Sequence[SliceMetrics],
    joined: bool,
    folder: Path,
    name: str,
) -> None:
    """Draw the naming and the finding of faces side by side, a place for each slice.

    Args:
        metrics: the metrics of all faces.
        what: the slices are by.
        rows: the slices.
        joined: whether lines join them, as is right for sizes.
        folder: the folder to write to.
        name: the name of the file, after `by_`.
    """
    every = _FINDING_ALL if metrics.all_faces is not None else ()
    width = max(10.5, 2.5 + 0.9 * len(rows))
    figure = Figure(figsize=(width, 4.8), layout="constrained")
    naming, finding = figure.subplots(1, 2, sharey=True)
    _panel(naming, rows, _NAMING, joined, lambda s: f"{s.faces}")
    count = (lambda s: f"{s.faces} / {s.all_faces}") if every else (lambda s: f"{s.faces}")
    _panel(finding, rows, (*_FINDING, *every), joined, count)
    naming.set_title("naming the labelled faces that were found")
    finding.set_title(f"finding, at the threshold {metrics.threshold:.3g} and as AP50")
    naming.set_ylabel("%")
    what = escaped(what)
    naming.set_xlabel(f"{what}\n(and the number of labelled faces)")
    finding.set_xlabel(
        f"{what}\n(and the number of {'labelled / all' if every else 'labelled'} faces)"
    )
    figure.suptitle(escaped(metrics.provenance.title))
    write_figure(folder / f"by_{name}.png", figure, _DPI)


def _panel(
    axes: Axes,
    rows: Sequence[SliceMetrics],
    lines: Sequence[_Line],
    joined: bool,
    count: Callable[[SliceMetrics], str],
) -> None:
    places = np.arange(len(rows))
    for number, line in enumerate(lines):
        x = places + 0.12 * (number - (len(lines) - 1) / 2)  # next to each other, not on top
        values = 100 * np.array([line.value(row) for row in rows])
        ends = [line.interval(row) or (line.value(row),) * 2 for row in rows]
        reach = np.abs(100 * np.array(ends).T - values)
        axes.errorbar(
            x,
            values,
            yerr=np.nan_to_num(reach),
            color=line.colour,
            marker=line.marker,
            linestyle="-" if joined else "none",
            linewidth=1.2,
            elinewidth=1,
            capsize=2,
            label=line.label,
        )
    axes.set_xticks(
        places,
        [f"{_short(row.value)}\n{count(row)}" for row in rows],
        rotation=0 if len(rows) <= 6 else 90,
        fontsize=8,
    )
    axes.set(xlim=(-0.6, len(rows) - 0.4), ylim=(0, 103))
    axes.grid(axis="y", alpha=0.3)
    axes.legend(fontsize=8)


def _short(value: str) -> str:
    text = escaped(value) or "(none)"
    return text if len(text) <= _WORDS else f"{text[: _WORDS - 1]}…"
