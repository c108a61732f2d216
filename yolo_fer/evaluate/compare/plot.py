"""Accuracy over speed, a line for each system."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from yolo_fer.evaluate.compare.comparison import Comparison, Row
from yolo_fer.evaluate.compare.timing import FACES
from yolo_fer.files import write_figure
from yolo_fer.paths import escaped

# Okabe and Ito's palette without its yellow, which white paper swallows.
_COLOURS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555", "#000000")
_STYLES = ("-", "--", ":")
_SIZES = (4, 7, 11)  # of the marks of `FACES`, in points
_PANELS = {"map50": "mAP50, %", "accuracy": "accuracy on the faces that were found, %"}
_DPI = 130


def draw_accuracy_over_speed(comparison: Comparison, path: Path) -> None:
    """Draw mAP50 and accuracy over the milliseconds for a frame of 1, 5 and 20 faces.

    A system is a level line from its time for one face to that for twenty: the shorter it is, the
    less a crowd costs.
    """
    figure = Figure(figsize=(11, 5.6), layout="constrained")
    panels = figure.subplots(1, 2, sharex=True)
    for axes, (key, label) in zip(panels, _PANELS.items(), strict=True):
        for number, row in enumerate(comparison.rows):
            _draw_system(axes, row, key, number)
        _dress(axes, label)
    handles, labels = panels[0].get_legend_handles_labels()
    columns = min(3, len(labels)) or 1
    figure.legend(handles, labels, loc="outside lower center", ncols=columns, frameon=False)
    sizes = ", ".join(map(str, FACES))
    name = escaped(comparison.data.parent.name)
    title = f"{name} ({comparison.split}): marks are frames of {sizes} faces"
    figure.suptitle(title)
    write_figure(path, figure, _DPI)


def _draw_system(axes: Axes, row: Row, key: str, number: int) -> None:
    value = row.figures[key]
    if value is None:
        return
    colour = _COLOURS[number % len(_COLOURS)]
    style = _STYLES[number // len(_COLOURS) % len(_STYLES)]
    times = [timing.median for timing in row.timings]
    level = [100 * value] * len(times)
    name = f" {escaped(row.system.name)}"  # a legend leaves out what begins with `_`
    axes.plot(times, level, style, color=colour, linewidth=1.5, label=name)
    for time, size in zip(times, _SIZES, strict=True):
        axes.plot([time], level[:1], "o", color=colour, markersize=size, alpha=0.85)


def _dress(axes: Axes, label: str) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("milliseconds for a frame")
    axes.set_ylabel(label)
    axes.margins(y=0.15)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
