"""Reading uploaded images in processes, since a process can be ended and a thread cannot.

A decoder cannot be asked to stop. In a thread of the page an image that takes minutes
would keep its visitor's place among the jobs for as long, and one that crashes its decoder would
take the page down for everybody.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

import numpy as np

from yolo_fer.app.limits import Limits
from yolo_fer.errors import FileFault, ImageError
from yolo_fer.images import Image, read_reduced

_START_SECONDS = 60.0
"""For a process to start, on a computer that is busy."""


class ReadingProcesses:
    """The processes of a page; each job that reads has one, and leaves it to the next."""

    def __init__(self) -> None:
        self._idle: list[_Process] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._idle:
            process.end()

    @contextmanager
    def reader(self, limits: Limits) -> Iterator[ImageReader]:
        """Give an upload its reader, for as long as it needs one."""
        reader = ImageReader(self, limits)
        try:
            yield reader
        finally:
            reader.close()

    def take(self) -> _Process:
        """Return a process that waits, else a new one."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return _Process()

    def give_back(self, process: _Process) -> None:
        """Keep a process for the next job."""
        with self._lock:
            self._idle.append(process)


class ImageReader:
    """Reads the images of one upload, one at a time, within the limits of time.

    Args:
        processes: the processes of the page, of which it takes one at a time.
        limits: the most seconds for an image, and for all of the upload.
    """

    def __init__(self, processes: ReadingProcesses, limits: Limits) -> None:
        self._processes = processes
        self._limits = limits
        self._left = limits.upload_seconds
        self._process: _Process | None = None
        self._lock = threading.Lock()

    def __call__(
        self, path: Path, before: Callable[[int], None] | None = None
    ) -> tuple[Image, tuple[int, int]]:
        """Read an image; see `yolo_fer.images.read_reduced`.

        Raises:
            ImageError: as that does, or `slow_image`.
        """
        with self._lock:
            seconds = min(self._limits.image_seconds, self._left)
            if seconds <= 0:
                raise ImageError(
                    FileFault.SLOW_IMAGE,
                    f"{path}: the images before it took {self._limits.upload_seconds:g} s to read; "
                    "send fewer at once",
                )
            process = self._process or self._processes.take()
            self._process = None  # unless all goes well
            try:
                answer, took = process.read(path, seconds, before)
            except TimeoutError as error:
                self._left -= seconds
                raise ImageError(
                    FileFault.SLOW_IMAGE,
                    f"{path}: reading it takes longer than {seconds:g} s; "
                    "send a smaller copy, as JPEG or PNG",
                ) from error
            except (EOFError, OSError) as error:
                process.end()
                raise ImageError(FileFault.CORRUPT_IMAGE, f"{path}: its decoder crashed") from error
            self._process = process
            self._left -= took
        if isinstance(answer, ImageError):
            raise answer
        return answer

    def close(self) -> None:
        """Leave the process to others."""
        with self._lock:
            if self._process is not None:
                self._processes.give_back(self._process)
                self._process = None


class _Process:
    """A process that reads one image after the other."""

    def __init__(self) -> None:
        # Not forked: a fork copies the locks of the page's threads.
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other,), daemon=True)
        self._process.start()
        other.close()  # so that the end of the process is the end of the pipe
        self._is_ready = False

    def read(
        self, path: Path, seconds: float, before: Callable[[int], None] | None
    ) -> tuple[tuple[Image, tuple[int, int]] | ImageError, float]:
        """Return an image or what is wrong with it, and how long that took.

        Raises:
            TimeoutError: if it took too long; the process is ended.
            EOFError: if the process ended.
        """
        if not self._is_ready:
            self._receive(_START_SECONDS)
            self._is_ready = True
        self._pipe.send(path)
        took = 0.0
        while True:
            start = time.monotonic()
            kind, *told = self._receive(seconds - took)
            took += time.monotonic() - start
            if kind == "size":  # waiting until others need less memory is no work on the image
                if before is not None:
                    before(told[0])
                self._pipe.send(None)
            elif kind == "error":
                return ImageError(*told), took
            else:
                shape, size = told
                image = np.empty(shape, np.uint8)
                self._pipe.recv_bytes_into(image.data.cast("B"))
                return (image, size), took

    def end(self) -> None:
        """Kill the process."""
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def _receive(self, seconds: float) -> Any:
        if not self._pipe.poll(max(0.0, seconds)):
            self.end()
            raise TimeoutError
        return self._pipe.recv()


def _serve(pipe: Connection) -> None:
    """Read what is asked for until the page is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the page's, which then ends us

    def before(size: int) -> None:
        pipe.send(("size", size))
        pipe.recv()

    pipe.send(("ready",))
    try:
        while True:
            path = pipe.recv()
            try:
                image, size = read_reduced(path, before)
            except ImageError as error:
                pipe.send(("error", error.reason, str(error)))
            except (MemoryError, ValueError) as error:
                pipe.send(
                    ("error", FileFault.CORRUPT_IMAGE, f"{path}: it cannot be decoded ({error})")
                )
            else:
                pipe.send(("image", image.shape, size))
                pipe.send_bytes(np.ascontiguousarray(image).data.cast("B"))
                del image
    except (EOFError, OSError):
        return
