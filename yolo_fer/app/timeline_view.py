"""The timeline of a video in the page: as wide as the screen, as light or dark as the page."""

from __future__ import annotations

from html import escape

import cv2
import numpy as np

from yolo_fer.app import fragments
from yolo_fer.emotions import Emotion
from yolo_fer.images import Image
from yolo_fer.palette import BGR
from yolo_fer.predict.timeline import Timeline, TimelineRow, clock_text, tick_step

_HEIGHT = 60  # of the bands, in pixels; the browser stretches them
_GAP, _STRIP = 3, 9  # the label, below the bands
_MOST_TICKS = 6
_CLEAR = np.zeros((1, 4), np.uint8)
_PALETTE = np.concatenate(
    [np.array([(*BGR[emotion], 255) for emotion in Emotion], np.uint8), _CLEAR]
)
_NOTHING = len(Emotion)


def timeline(collected: Timeline, most: int) -> str:
    """Return the faces that were found in the most frames, a row for each.

    As in the picture to download the thickness of a band is the probability of its emotion, and the
    strip below has the colour of the most probable one.

    Args:
        collected: the expressions of the followed faces of one video.
        most: more rows than this are left out.
    """
    rows = sorted(collected.rows(), key=lambda row: -row.frames)[:most]
    rows.sort(key=lambda row: row.track)
    if not rows:
        return ""
    drawn = "".join(_row(row) for row in rows)
    return f'<div class="timeline">{drawn}{_axis(*collected.span, rows[0].edges[-1])}</div>'


def _row(row: TimelineRow) -> str:
    means = np.nanmean(row.probabilities, axis=0)
    best = Emotion(int(means.argmax()))
    text = f"face #{row.track} over time: mostly {best.label}, {100 * means[best]:.0f} % on average"
    face = ""
    if row.thumbnail is not None:
        content = fragments.data_address(_png(row.thumbnail), "png")
        face = f'<img class="who" src="{content}" alt="">'
    bands = fragments.data_address(_png(draw_bands(row)), "png")
    return (
        f'<div class="when"><span>{face}#{row.track}</span>'
        f'<img class="bands" src="{bands}" alt="{escape(text)}"></div>'
    )


def draw_bands(row: TimelineRow) -> Image:
    """Return the bands of a face, (72, B, 4) BGR with opacity; clear where it was not found."""
    shares = np.nan_to_num(row.probabilities)
    tops = np.cumsum(shares, axis=1)
    heights = (np.arange(_HEIGHT, 0, -1) - 0.5) / _HEIGHT
    # The last top is 1, but for rounding: it is not looked at.
    bands = (heights[:, None, None] > tops[None, :, :-1]).sum(axis=2)
    labels = np.repeat(shares.argmax(axis=1)[None], _STRIP, axis=0)
    gap = np.full((_GAP, len(shares)), _NOTHING)
    classes = np.concatenate([bands, gap, labels])
    classes[:, np.isnan(row.probabilities[:, 0])] = _NOTHING
    return np.asarray(_PALETTE[classes])


def _axis(start: float, end: float, edge: float) -> str:
    step, length = tick_step(end - start, _MOST_TICKS), max(edge - start, 1e-9)
    ticks = np.arange(np.ceil(start / step), np.floor(end / step) + 1) * step
    marks = "".join(
        f'<i style="left:{100 * (tick - start) / length:.2f}%">{clock_text(tick, end)}</i>'
        for tick in ticks
    )
    return f'<div class="when axis" aria-hidden="true"><span></span><div>{marks}</div></div>'


def _png(image: Image) -> bytes:
    return bytes(cv2.imencode(".png", image)[1])
