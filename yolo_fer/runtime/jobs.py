"""Running a few long jobs, a video each, in processes of this machine or on a Dask cluster.

Both are executors of `concurrent.futures`, so that nothing behind them knows which one it is.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, TypeVar

from yolo_fer.errors import MissingExtraError, YoloFerError
from yolo_fer.runtime.executor import start_worker

Item = TypeVar("Item")
Result = TypeVar("Result")

_TRIES = 3  # of a job whose worker dies
_CONNECT_SECONDS = 10


@contextmanager
def open_executor(workers: int, dask: str | None) -> Iterator[Executor | None]:
    """Open what runs the jobs; None stands for this process.

    Args:
        workers: processes of this machine; with 1 everything runs in this one.
        dask: address of a Dask scheduler, such as `tcp://host:8786`; None uses this machine.

    Raises:
        MissingExtraError: if Dask's `distributed` is asked for and not installed.
        YoloFerError: if there is no scheduler at the address.
    """
    if dask is not None:
        with _dask_executor(dask) as executor:
            yield executor
    elif workers > 1:
        processes = LastingProcesses(workers)
        try:
            yield processes
        finally:
            processes.stop()
    else:
        yield None


def as_finished(
    executor: Executor | None,
    function: Callable[[Item], Result],
    items: Iterable[Item],
) -> Iterator[tuple[Item, Result]]:
    """Yield items with their results, whichever is finished first.

    Args:
        executor: see `open_executor`.
        function: a module-level function, or a `functools.partial` of one.
        items: small ones, since all are handed over at once.

    Raises:
        YoloFerError: as the function does, or if its worker dies again and again.
    """
    if executor is None:
        for item in items:
            yield item, function(item)
        return
    running = {executor.submit(function, item): item for item in items}
    while running:
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            yield running.pop(future), _result(future)


def _result(future: Future[Result]) -> Result:
    try:
        return future.result()
    except Exception as error:
        if type(error).__name__ == "KilledWorker":  # Dask's, which may not be installed
            raise _died() from error
        raise


def _died() -> YoloFerError:
    return YoloFerError(
        f"the worker of one job died {_TRIES} times (out of memory?). Run the same command again "
        "with `resume`, and with fewer `workers` if it happens again"
    )


class LastingProcesses(Executor):
    """Processes each in a pool of its own, so that one that dies takes no other job with it.

    A job whose process died is run again in a new one.

    Args:
        count: the number of processes.
    """

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(count)
        self._of_thread = threading.local()
        self._pools: set[ProcessPoolExecutor] = set()
        self._stopped = False

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """Run a function in one of the processes; see `concurrent.futures.Executor`."""
        return self._threads.submit(self._run, fn, args, kwargs)

    def _run(self, fn: Callable[..., Result], args: Any, kwargs: Any) -> Result:
        for _ in range(_TRIES):
            if self._stopped:
                break
            try:
                return self._pool().submit(fn, *args, **kwargs).result()
            except BrokenProcessPool:
                self._pools.discard(self._of_thread.pool)
                self._of_thread.pool = None
        raise _died()

    def _pool(self) -> ProcessPoolExecutor:
        pool: ProcessPoolExecutor | None = getattr(self._of_thread, "pool", None)
        if pool is None:
            # Not forked: a fork copies the locks of threads that ONNX Runtime and Rich started.
            context = multiprocessing.get_context("spawn")
            pool = ProcessPoolExecutor(1, mp_context=context, initializer=start_worker)
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


@contextmanager
def _dask_executor(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingExtraError("distributed", "cluster", "`dask`") from error
    try:
        client = Client(address, timeout=_CONNECT_SECONDS)
    except (OSError, ValueError) as error:  # its TimeoutError is an OSError
        raise YoloFerError(
            f"there is no Dask scheduler at {address} ({error}). Start one with `dask scheduler` "
            "and workers with `dask worker ADDRESS`, and give `dask` the address it prints"
        ) from error
    with client:
        # Not pure: the same arguments must write the same files again.
        yield client.get_executor(pure=False)
