"""How far `yolo-fer predict` is: a bar over all inputs, and a line about the current stream."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from yolo_fer.inputs.frame_source import FrameSource


class PredictProgress:
    """Bars of Rich on standard error.

    Args:
        bars: that are shown; None shows nothing.
        inputs: how many images, videos and streams there are.
    """

    def __init__(self, bars: Progress | None, inputs: int) -> None:
        self._bars = bars
        self._inputs, self._done = inputs, 0
        self._all: TaskID | None = None
        self._one: TaskID | None = None
        if bars is not None and inputs > 1:
            self._all = bars.add_task("predict", total=inputs, state=f"0 of {inputs}")

    def begin_stream(self, source: FrameSource) -> None:
        """Start the line of a video, camera or stream."""
        self._start, self._frames = time.monotonic(), 0
        if self._bars is not None:
            self._one = self._bars.add_task(source.name, total=None, state="opening")

    def count_frame(self, source: FrameSource) -> None:
        """Say that a frame was predicted."""
        self._frames += 1
        if self._bars is None or self._one is None:
            return
        rate = self._frames / max(time.monotonic() - self._start, 1e-6)
        state = f"{self._frames} frames, {rate:.0f} a second"
        if source.live:
            state += f", {source.dropped} dropped, {source.reconnects} reconnects"
        self._bars.update(
            self._one, completed=self._frames, total=source.claimed_frames, state=state
        )

    def end_input(self) -> None:
        """Say that an image, a video or a stream is done."""
        if self._bars is None:
            return
        if self._one is not None:
            self._bars.remove_task(self._one)
            self._one = None
        if self._all is not None:
            self._done += 1
            state = f"{self._done} of {self._inputs}"
            self._bars.update(self._all, completed=self._done, state=state)


@contextmanager
def shown_progress(shown: bool, inputs: int) -> Iterator[PredictProgress]:
    """Show the progress, or nothing, while the block runs."""
    if not shown:
        yield PredictProgress(None, inputs)
        return
    with bars_with_state() as bars:
        yield PredictProgress(bars, inputs)


def bars_with_state() -> Progress:
    """Return bars that show a `state` in words behind them, on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[state]}"),
        TimeElapsedColumn(),
    )
    # Rich would send what is printed meanwhile to the bar's stream: results belong on stdout.
    return Progress(*columns, console=Console(stderr=True), redirect_stdout=False)
