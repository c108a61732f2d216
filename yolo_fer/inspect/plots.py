"""Plots of a set: how many faces of which emotion, where they are, how large, how square."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.files import write_figure
from yolo_fer.inspect.sampling import Figures
from yolo_fer.paths import escaped

_COLOURS = ("#0072B2", "#E69F00", "#009E73")  # of the splits; Okabe and Ito's palette
_DPI = 130


def draw_plots(figures: Figures, splits: Sequence[str], title: str, path: Path) -> None:
    """Write classes, box sizes, positions and aspect ratios as one PNG file."""
    figure = Figure(figsize=(12.5, 8.6), layout="constrained")
    axes = figure.subplots(2, 2)
    figure.suptitle(escaped(title))
    _classes(axes[0, 0], figures, splits)
    _sizes(axes[0, 1], figures)
    _positions(figure, axes[1, 0], figures)
    _aspects(axes[1, 1], figures)
    write_figure(path, figure, _DPI)


def _classes(axes: Axes, figures: Figures, splits: Sequence[str]) -> None:
    names = [*EMOTION_NAMES, "ignored"]
    width = 0.8 / len(splits)
    for number, split in enumerate(splits):
        counts = [figures.counts[split, emotion] for emotion in Emotion] + [figures.ignored[split]]
        places = np.arange(len(names)) + (number - (len(splits) - 1) / 2) * width
        label = f"{split}: {sum(counts[:-1])} faces, {figures.images[split]} images"
        bars = axes.bar(places, counts, width, color=_COLOURS[number], label=label)
        axes.bar_label(bars, fontsize=7, rotation=90, padding=2)
    axes.set_xticks(range(len(names)), names, rotation=30)
    axes.margins(y=0.18)
    axes.set(title="faces by emotion", ylabel="faces")
    axes.legend(fontsize=8)


def _sizes(axes: Axes, figures: Figures) -> None:
    sides = np.array(figures.side)
    edges = np.geomspace(max(sides.min(), 1), max(sides.max(), 2) * 1.01, 50)
    axes.hist(sides, bins=edges.tolist(), color="#0072B2")
    axes.set_xscale("log")
    ticks = [
        tick for tick in (4, 8, 16, 32, 64, 128, 256, 512, 1024) if edges[0] < tick < edges[-1]
    ]
    axes.set_xticks(ticks, [str(tick) for tick in ticks], minor=False)
    axes.set_xticks([], [], minor=True)
    axes.axvline(float(np.median(sides)), color="black", linestyle="--", linewidth=1)
    axes.set(title=f"size of the boxes, median {np.median(sides):.0f} pixels", ylabel="faces")
    axes.set_xlabel("square root of the area in pixels of the image")


def _positions(figure: Figure, axes: Axes, figures: Figures) -> None:
    x, y = np.array(figures.x), np.array(figures.y)
    counts, _, _ = np.histogram2d(y, x, bins=40, range=[[0, 1], [0, 1]])
    shown = axes.imshow(counts, extent=(0, 1, 1, 0), cmap="cividis", aspect="auto")
    axes.set(title="centres of the boxes", xlabel="x / width", ylabel="y / height")
    figure.colorbar(shown, ax=axes, label="faces")


def _aspects(axes: Axes, figures: Figures) -> None:
    aspects = np.array(figures.aspect)
    axes.hist(np.clip(aspects, 0.25, 4), bins=np.geomspace(0.25, 4, 61).tolist(), color="#0072B2")
    axes.set_xscale("log")
    ticks = [0.25, 0.5, 1, 2, 4]
    axes.set_xticks(ticks, ["≤ 1:4", "1:2", "1:1", "2:1", "≥ 4:1"])
    axes.set_xticks([], [], minor=True)
    axes.set(title=f"width to height, median {np.median(aspects):.2f}", ylabel="faces")
