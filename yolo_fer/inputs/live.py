"""Live sources: a thread reads, old frames are dropped rather than late, outages are survived."""

from __future__ import annotations

import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from yolo_fer.errors import YoloFerError, YoloFerWarning
from yolo_fer.images import Image
from yolo_fer.inputs.video import VideoFile, VideoFrame, VideoProblem

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


_WAITING = 2
"""Frames that may wait for the network. One would lose every second frame of a pair that arrives
together; more would be lag."""
_JOIN_S = 1.0
"""How long the end waits for the reading thread, which may hang in a driver or a socket."""


class SourceGone(Exception):
    """A source cannot be opened, or sends no more frames.

    Args:
        why: the reason, for a person; if it never opened, with what to do.
        hopeless: trying again within seconds would give the same.
    """

    def __init__(self, why: str, *, hopeless: bool = False) -> None:
        super().__init__(why)
        self.hopeless = hopeless


class Connection(Protocol):
    """An open camera or stream."""

    @property
    def frame_rate(self) -> Fraction | None:
        """The nominal number of frames a second."""

    def frames(self) -> Iterator[tuple[float | None, Image]]:
        """Yield each frame with the stream's own time stamp in seconds.

        Raises:
            SourceGone: always in the end.
        """

    def close(self) -> None:
        """Let go of the device or the network."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How a source that is away is tried again: each wait is twice the one before.

    Args:
        patience_s: the seconds for which a source is tried that was never there; one that was there
            is tried until the end.
        first_wait_s: the seconds between the first two attempts.
        longest_wait_s: the greatest number of seconds between two attempts.
    """

    patience_s: float = 10.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0

    def wait_s(self, failures: int) -> float:
        """Return how long to wait after so many failures in a row, at least one."""
        return min(self.longest_wait_s, self.first_wait_s * 2.0 ** min(failures - 1, 30))


class LiveSource:
    """Frames of a camera or a network stream, as `FrameSource`.

    A `VideoFrame`'s index counts every frame that was decoded, the dropped ones included. Each
    outage is reported by one `YoloFerWarning`. An address that turns out to be a file of finite
    length is read to its end without loss.

    Args:
        name: the name of the source in results.
        connect: the function that opens it, called by the reading thread; a `VideoFile` is a file
            of finite length.
        retry: how often it is tried again while it is away.
    """

    def __init__(
        self, name: str, connect: Callable[[], Connection | VideoFile], retry: Retry
    ) -> None:
        self.name = name
        self.live = True
        self.frame_rate: Fraction | None = None
        self.claimed_frames: int | None = None
        self.problem: VideoProblem | None = None
        self.dropped = 0
        self.reconnects = 0
        self._connect = connect
        self._retry = retry
        self._decoded = 0
        self._clock = LiveClock()
        self._changed = threading.Condition()
        self._waiting: deque[VideoFrame] = deque()
        self._notices: deque[str] = deque()
        self._failure: BaseException | None = None
        self._over = threading.Event()

    def frames(self) -> Generator[VideoFrame, None, None]:
        """Yield the newest frames until the source is closed.

        Raises:
            YoloFerError: if it cannot be opened; it says what to do.
            MissingExtraError: if a package for reading it is not installed.
        """
        thread = threading.Thread(target=self._run, name=f"read {self.name}", daemon=True)
        thread.start()
        try:
            while (frame := self._take()) is not None:
                yield frame
        finally:
            self.close()
            thread.join(_JOIN_S)

    def close(self) -> None:
        """End the reading; the frames end, too."""
        self._over.set()
        with self._changed:
            self._changed.notify_all()

    def _take(self) -> VideoFrame | None:
        while True:
            with self._changed:
                while not (self._notices or self._waiting or self._over.is_set()):
                    self._changed.wait()
                notice = self._notices.popleft() if self._notices else None
                frame = None
                if notice is None and self._waiting:
                    frame = self._waiting.popleft()
                    self._changed.notify_all()
            if notice is not None:
                warnings.warn(notice, YoloFerWarning, stacklevel=3)
                continue
            if frame is None and self._failure is not None:
                raise self._failure
            return frame

    def _run(self) -> None:
        try:
            self._read_on()
        except BaseException as error:  # it belongs to whoever takes the frames
            self._failure = error
        self.close()

    def _read_on(self) -> None:
        start, failures = time.monotonic(), 0
        while not self._over.is_set():
            before = self._decoded
            try:
                self._read_connection()
                return
            except SourceGone as gone:
                failures = 1 if self._decoded > before else failures + 1
                wait_s = self._retry.wait_s(failures)
                self._give_up_if_never_there(gone, time.monotonic() + wait_s - start)
                if failures == 1:
                    self._report(gone)
            self._over.wait(wait_s)

    def _give_up_if_never_there(self, gone: SourceGone, next_s: float) -> None:
        if not self._decoded and (gone.hopeless or next_s > self._retry.patience_s):
            raise YoloFerError(f"{self.name}: {gone}") from gone

    def _report(self, gone: SourceGone) -> None:
        what = f"no more frames after {self._decoded}" if self._decoded else "no frame yet"
        with self._changed:
            self._notices.append(f"{self.name}: {what} ({gone}); trying again")
            self._changed.notify_all()

    def _read_connection(self) -> None:
        """Read until the reader leaves or a finite file ends; everything else is `SourceGone`."""
        connection = self._connect()
        if isinstance(connection, VideoFile):
            if self._decoded:
                raise SourceGone("at its address is something else now, which has an end")
            self._read_file(connection)
            return
        self._clock.reconnected()
        is_first = True
        with closing(connection):
            for stream_s, image in connection.frames():
                if self._over.is_set():
                    return
                if is_first:
                    self.frame_rate = connection.frame_rate
                    self.reconnects += self._decoded > 0
                    is_first = False
                time_ms = self._clock.stamp_ms(stream_s, time.monotonic())
                self._put(VideoFrame(self._decoded, time_ms, image))

    def _put(self, frame: VideoFrame) -> None:
        with self._changed:
            self._decoded += 1
            if len(self._waiting) == _WAITING:
                self._waiting.popleft()
                self.dropped += 1
            self._waiting.append(frame)
            self._changed.notify_all()

    def _read_file(self, video: VideoFile) -> None:
        self.live = False
        with closing(video.frames()) as frames:
            for frame in frames:
                self.frame_rate, self.claimed_frames = video.frame_rate, video.claimed_frames
                with self._changed:
                    while len(self._waiting) == _WAITING and not self._over.is_set():
                        self._changed.wait()
                    if self._over.is_set():
                        return
                    self._waiting.append(frame)
                    self._changed.notify_all()
        self.problem = video.problem
