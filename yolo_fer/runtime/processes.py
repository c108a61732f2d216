"""Processes of this machine that run jobs, and outlive the death of one of them."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Any, TypeVar

from yolo_fer.errors import YoloFerError, YoloFerWarning

Result = TypeVar("Result")

_TRIES = 2  # of a job whose process dies


class WorkerLostError(YoloFerError):
    """The worker of a job died each time that the job was tried."""


class LastingProcesses(Executor):
    """Processes each in a pool of its own, so that one that dies takes no other job with it.

    A job whose process died is run again in a new one, once. A pool of several, such as loky's,
    gives up all jobs that are under way when one of its processes dies.

    Args:
        count: the number of processes; each starts when there is a job for it.
    """

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(count)
        self._of_thread = threading.local()
        self._pools: set[ProcessPoolExecutor] = set()
        self._deaths = itertools.count(1)
        self._stopped = False

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """Run a function in one of the processes; see `concurrent.futures.Executor`."""
        return self._threads.submit(self._run, fn, args, kwargs)

    def _run(self, fn: Callable[..., Result], args: Any, kwargs: Any) -> Result:
        for attempt in range(1, _TRIES + 1):
            if self._stopped:
                break
            pool = self._pool()
            try:
                return pool.submit(fn, *args, **kwargs).result()
            except BrokenProcessPool:
                self._pools.discard(pool)
                self._of_thread.pool = None
                if attempt < _TRIES and not self._stopped:
                    self._warn_of_death()
        raise WorkerLostError(
            f"the worker process of one job died {_TRIES} times (out of memory?). Run the same "
            "command again with `resume`, and with fewer `workers` if it happens again"
        )

    def _warn_of_death(self) -> None:
        number = next(self._deaths)  # without it Python would show the same words only once
        warnings.warn(
            f"a worker process died (out of memory?), number {number} of this run; its job is done "
            "again",
            YoloFerWarning,
            stacklevel=2,
        )

    def _pool(self) -> ProcessPoolExecutor:
        pool: ProcessPoolExecutor | None = getattr(self._of_thread, "pool", None)
        if pool is None:
            # Not forked: a fork copies the locks of threads that ONNX Runtime and Rich started.
            context = multiprocessing.get_context("spawn")
            pool = ProcessPoolExecutor(1, mp_context=context, initializer=_start_worker)
            self._of_thread.pool = pool
            self._pools.add(pool)
        return pool

    def stop(self) -> None:
        """End all processes, whatever they are doing: a video may take an hour."""
        self._stopped = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for pool in list(self._pools):
            for process in list((pool._processes or {}).values()):
                process.terminate()
            pool.shutdown(wait=True, cancel_futures=True)
        self._threads.shutdown(wait=True)


def use_one_thread() -> None:
    """Let OpenCV use one thread in this process: the workers are what uses the cores."""
    import cv2

    cv2.setNumThreads(1)


def _start_worker() -> None:
    """Make a new process a worker: one thread, deaf to Ctrl-C, and not to outlive its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C for all
    threading.Thread(target=_end_with_parent, daemon=True).start()
    use_one_thread()


def _end_with_parent() -> None:
    """Wait for the parent's end: a worker whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
