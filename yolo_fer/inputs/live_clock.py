"""Time stamps of live frames: always later than the last, across reconnections too."""

from __future__ import annotations

_LONGEST_LEAP_S = 10.0
"""A stream's own clock may run ahead of the arrivals by this much between two frames: servers send
some seconds at once. Beyond, it was set anew."""
_LEAST_STEP_S = 0.001


class LiveClock:
    """Counts seconds from the first frame of a source.

    Within a connection the stream's own time stamps give the steps, since arrivals jitter. Where
    they say nothing (cameras, motion JPEG), stand still or leap, and over an outage, the time that
    passed here is what counts.
    """

    def __init__(self) -> None:
        self._start: float | None = None
        self._now = 0.0
        self._stream_s: float | None = None
        self._arrival_s = 0.0

    def reconnected(self) -> None:
        """Forget the clock of a connection that is over."""
        self._stream_s = None

    def stamp_ms(self, stream_s: float | None, arrival_s: float) -> float:
        """Return the time of the next frame in milliseconds; the first is at 0.

        Args:
            stream_s: the stream's own time stamp, None if it has none.
            arrival_s: when the frame came, of a monotonic clock.
        """
        if self._start is None:
            self._start = arrival_s
        else:
            self._now = max(self._next(stream_s, arrival_s), self._now + _LEAST_STEP_S)
        self._stream_s, self._arrival_s = stream_s, arrival_s
        return round(1000 * self._now, 3)

    def _next(self, stream_s: float | None, arrival_s: float) -> float:
        assert self._start is not None  # noqa: S101
        if stream_s is not None and self._stream_s is not None:
            step = stream_s - self._stream_s
            if 0 < step < arrival_s - self._arrival_s + _LONGEST_LEAP_S:
                return self._now + step
        return arrival_s - self._start
