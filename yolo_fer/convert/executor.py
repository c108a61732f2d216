"""Running a function over many items on all cores, in order, with bounded memory."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TypeVar

from yolo_fer.errors import YoloFerError

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 4  # tasks submitted per worker: enough to keep all busy, few enough to bound memory


def default_workers() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map_ordered(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int
) -> Iterator[Result]:
    """Yield the results of a picklable function in the order of the items.

    Args:
        function: a module-level function, or a `functools.partial` of one.
        items: read lazily, only a few ahead of the results.
        workers: processes; 1 runs in this process.

    Raises:
        YoloFerError: if a worker process dies.
    """
    if workers <= 1:
        yield from map(function, items)
        return
    # Not forked: a fork copies the locks of threads that ONNX Runtime and Rich have started.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker)
    try:
        waiting = iter(items)
        pending: deque[Future[Result]] = deque()
        pending.extend(pool.submit(function, item) for item in islice(waiting, _AHEAD * workers))
        while pending:
            yield pending.popleft().result()
            pending.extend(pool.submit(function, item) for item in islice(waiting, 1))
    except BrokenProcessPool as error:
        raise YoloFerError(
            "a worker process died (out of memory?). Run the same command again with --resume, "
            "and with fewer --workers if it happens again"
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start_worker() -> None:
    import cv2

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C for all
    cv2.setNumThreads(1)  # one thread a worker: the workers are what uses the cores
