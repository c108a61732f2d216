"""Drawing a timeline: a row for each tracked face, the seven emotions as coloured bands."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MultipleLocator
from numpy.typing import NDArray

from yolo_fer.emotions import Emotion
from yolo_fer.palette import COLOURS
from yolo_fer.paths import escaped
from yolo_fer.predict.timeline import Timeline, TimelineRow, clock_text, tick_step

MOST_ROWS = 12
_DPI = 110
_WIDTH = 12.0  # inches, as all that follows
_SIDE = 1.6  # left of the rows: names, thumbnails and the scale
_RIGHT, _TOP, _BOTTOM, _GAP = 0.25, 0.85, 0.5, 0.1
_STRIP = 0.13  # of a row's height: the label, below the bands
_PAPER, _ABSENT, _INK = "#ffffff", "#f0f0f2", "#333333"
_OF_A_FILE: dict[str, Any] = {"color": _INK, "parse_math": False}  # a name may hold `$`


def draw_timeline(timeline: Timeline) -> bytes:
    """Draw the tracks that were found in the most frames, at most 12, as a PNG picture.

    The thickness of a band is the probability of its emotion, so the seven fill a row; the strip
    below them has the colour of the label, the most probable. Grey is where frames came and the
    face was not found.

    Args:
        timeline: the expressions of the followed faces over time.
    """
    rows = list(timeline.rows())
    shown = sorted(rows, key=lambda row: -row.frames)[:MOST_ROWS]
    shown = [row for row in rows if any(row is other for other in shown)]
    height = float(np.clip(7.2 / max(len(shown), 1), 0.6, 2.2))
    total = _TOP + _BOTTOM + max(len(shown), 1) * (height + _GAP)
    figure = Figure(figsize=(_WIDTH, total), dpi=_DPI, facecolor=_PAPER)
    canvas = FigureCanvasAgg(figure)  # without pyplot there is no global state and no window
    _draw_head(figure, timeline, shown, len(rows) - len(shown) + timeline.forgotten)
    several = len({row.source for row in shown}) > 1
    for index, row in enumerate(shown):
        top = _TOP + index * (height + _GAP)
        axes = _row_axes(figure, top, height)
        _draw_bands(axes, row)
        _draw_name(figure, row, top, height, several)
        _style(axes, timeline.span, last=index == len(shown) - 1)
    if not shown:
        _draw_nothing(_row_axes(figure, _TOP, height), timeline.span)
    data = io.BytesIO()
    canvas.print_png(data)
    return data.getvalue()


def _row_axes(figure: Figure, top: float, height: float) -> Axes:
    """Add axes; `top` and `height` in inches from the upper edge."""
    total = figure.get_figheight()
    bottom = 1 - (top + height) / total
    width = (_WIDTH - _SIDE - _RIGHT) / _WIDTH
    return figure.add_axes((_SIDE / _WIDTH, bottom, width, height / total))


def _draw_head(figure: Figure, timeline: Timeline, shown: Sequence[TimelineRow], rest: int) -> None:
    total = figure.get_figheight()
    names = sorted({escaped(PurePath(row.source).name) for row in shown})
    start, end = timeline.span
    title = f"{', '.join(names[:3])}{' …' if len(names) > 3 else ''}" or "no tracked face"
    figure.text(0.25 / _WIDTH, 1 - 0.3 / total, title, size=13, weight="bold", **_OF_A_FILE)
    note = f"{clock_text(end - start, end - start)}, {_counted(len(shown))}"
    if rest:
        note += f"; {_counted(rest)} seen in fewer frames left out"
    side = 1 - _RIGHT / _WIDTH
    figure.text(side, 1 - 0.3 / total, note, size=10, ha="right", color=_INK)
    handles = [Patch(color=COLOURS[emotion], label=emotion.label) for emotion in Emotion]
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=((_SIDE - 0.1) / _WIDTH, 1 - 0.4 / total),
        ncols=len(Emotion),
        frameon=False,
        fontsize=10,
        handlelength=1.2,
        columnspacing=1.6,
    )


def _counted(tracks: int) -> str:
    return f"{tracks} face" if tracks == 1 else f"{tracks} faces"


def _draw_bands(axes: Axes, row: TimelineRow) -> None:
    thickness = np.nan_to_num(row.probabilities)  # a gap is a band without thickness
    tops = _STRIP + (1 - _STRIP) * np.cumsum(thickness, axis=1)
    x = np.repeat(row.edges, 2)[1:-1]
    below = np.full(len(x), _STRIP)
    _mark_absence(axes, row)
    for emotion in Emotion:
        above = np.repeat(tops[:, emotion], 2)
        axes.fill_between(x, below, above, color=COLOURS[emotion], linewidth=0)
        below = above
    extent = (row.edges[0], row.edges[-1], 0.0, _STRIP * 0.8)
    labels = _label_colours(row.probabilities)
    axes.imshow(labels, extent=extent, aspect="auto", interpolation="nearest")
    axes.set_ylim(0, 1)
    axes.set_yticks([_STRIP + (1 - _STRIP) * share for share in (0.5, 1)], ["50 %", "100 %"])
    axes.tick_params(axis="y", labelsize=7, labelcolor=_INK, length=0, pad=3)


def _mark_absence(axes: Axes, row: TimelineRow) -> None:
    absent = np.isnan(row.probabilities[:, 0])
    shade = np.zeros((1, len(absent), 4))
    shade[0, absent] = to_rgba(_ABSENT)
    extent = (row.edges[0], row.edges[-1], 0.0, 1.0)
    axes.imshow(shade, extent=extent, aspect="auto", interpolation="nearest")


def _label_colours(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (1, B, 4) colours of the labels, transparent where there is none."""
    palette = np.array([to_rgba(COLOURS[emotion]) for emotion in Emotion])
    colours = palette[np.nan_to_num(probabilities).argmax(axis=1)]
    colours[np.isnan(probabilities[:, 0]), 3] = 0
    return np.asarray(colours[None])


def _draw_name(figure: Figure, row: TimelineRow, top: float, height: float, several: bool) -> None:
    total = figure.get_figheight()
    middle = 1 - (top + height / 2) / total
    name = f"#{row.track}"
    size = 12 if len(name) <= 3 else 8
    figure.text(0.62 / _WIDTH, middle, name, size=size, ha="right", va="center", color=_INK)
    if several:
        file = escaped(PurePath(row.source).name)
        short = file if len(file) <= 18 else f"{file[:8]}…{file[-9:]}"
        bottom = 1 - (top + height) / total
        figure.text(0.25 / _WIDTH, bottom, short, size=7, va="bottom", **_OF_A_FILE)
    if row.thumbnail is None:
        return
    side = min(height * (0.75 if several else 1), 0.62)
    place = (0.7 / _WIDTH, middle - side / 2 / total, side / _WIDTH, side / total)
    axes = figure.add_axes(place)
    axes.imshow(row.thumbnail[..., ::-1])
    axes.axis("off")


def _style(axes: Axes, span: tuple[float, float], last: bool) -> None:
    start, end = span
    axes.set_xlim(start, end if end > start else start + 1)
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color("#999999")
    axes.xaxis.set_major_locator(MultipleLocator(tick_step(end - start)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: clock_text(value, end)))
    axes.tick_params(axis="x", labelbottom=last, colors=_INK, length=3)
    axes.grid(axis="x", color="#00000022", linewidth=0.6)


def _draw_nothing(axes: Axes, span: tuple[float, float]) -> None:
    axes.set_yticks([])
    _style(axes, span, last=True)
    axes.text(0.5, 0.5, "no face was found", ha="center", va="center", transform=axes.transAxes)
