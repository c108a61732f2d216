"""Running functions over many items on all cores, in order, with bounded memory."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing.connection import wait
from types import TracebackType
from typing import Self, TypeVar

from yolo_fer.errors import YoloFerError

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 4  # tasks submitted per worker: enough to keep all busy, few enough to bound memory


def default_workers() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Workers:
    """Processes that stay for all steps of a job, since starting one costs as much as 500 images.

    Args:
        count: the number of processes; 1 runs everything in this process.

    Example:
        >>> with Workers(1) as workers:
        ...     list(workers.map_ordered(len, ["to", "three"]))
        [2, 5]
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self._count > 1:
            # Not forked: a fork copies the locks of threads that ONNX Runtime and Rich started.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                self._count, mp_context=context, initializer=start_worker
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def map_ordered(
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[Result]:
        """Yield the results of a picklable function in the order of the items.

        Args:
            function: a module-level function, or a `functools.partial` of one.
            items: read lazily, only a few ahead of the results.

        Raises:
            YoloFerError: if a worker process dies.
        """
        if self._pool is None:
            yield from map(function, items)
            return
        waiting = iter(items)
        pending: deque[Future[Result]] = deque()
        try:
            for item in islice(waiting, _AHEAD * self._count):
                pending.append(self._pool.submit(function, item))
            while pending:
                result = pending.popleft().result()
                # before the result is used: else the workers would wait for who uses it
                pending.extend(self._pool.submit(function, item) for item in islice(waiting, 1))
                yield result
        except BrokenProcessPool as error:
            raise YoloFerError(
                "a worker process died (out of memory?). Run the same command again with `resume`, "
                "and with fewer `workers` if it happens again"
            ) from error


def start_worker() -> None:
    """Make a new process a worker: one thread, deaf to Ctrl-C, and not to outlive its parent."""
    import cv2

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C for all
    threading.Thread(target=_end_with_parent, daemon=True).start()
    cv2.setNumThreads(1)  # one thread a worker: the workers are what uses the cores


def _end_with_parent() -> None:
    """Wait for the parent's end: a worker whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
