"""Running functions over many items, in processes of this machine or on a Dask cluster.

Every job that is shared out goes through `Workers`: results in order or as they come, only a few
items ahead of them, lost workers reported and their jobs done again.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Self, TypeVar

from yolo_fer.errors import ExclusiveArgumentsError, UsageError
from yolo_fer.runtime.cluster import DaskWorkers
from yolo_fer.runtime.processes import LastingProcesses, WorkerLostError

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 4  # jobs submitted per worker: enough to keep all busy, few enough to bound memory
_RECOUNT_SECONDS = 5  # a cluster's workers come and go

Progress = Callable[[Iterable[Item], str, int], Iterable[Item]]
"""Wraps an iterable of known length to show how far it is: items, description, total."""


def no_progress(items: Iterable[Item], description: str, total: int) -> Iterable[Item]:
    """Return the items as they are."""
    return items


def default_workers() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Compute:
    """Where work is done and who sees how far it is; nothing of it decides a byte of the result.

    Args:
        workers: processes of this machine; 1 does everything in this process, 0 takes one per core.
        dask: address of a Dask scheduler, such as `tcp://host:8786`, whose workers see the same
            folders; None uses this machine.
        progress: wraps an iterable of known length to show how far it is.

    Raises:
        UsageError: if `workers` is negative, or more than one where there is a cluster.
    """

    workers: int = 1
    dask: str | None = None
    progress: Progress[Any] = no_progress

    def __post_init__(self) -> None:
        if self.workers < 0:
            raise UsageError(
                f"`workers` is {self.workers}; give a number from 1, or 0 for one per core"
            )
        if self.dask is not None and self.workers > 1:
            raise ExclusiveArgumentsError(
                f"`workers={self.workers}` are processes of this machine and `dask` is a cluster; "
                "give one of them",
                "workers",
                "dask",
            )

    def open_workers(
        self,
        jobs: int | None = None,
        sees: Sequence[Path] = (),
        ready: Callable[[], object] | None = None,
    ) -> Workers:
        """Return the workers, to be used in a `with` statement.

        Args:
            jobs: so many there will be at most, so that no more processes start; None if unknown.
            sees: folders that the workers of a cluster must see.
            ready: called in each worker of a cluster before the first job; see `Workers`.
        """
        count = self.workers or default_workers()
        count = count if jobs is None else min(count, jobs)
        return Workers(count, self.dask, sees, ready, self.progress)


class Workers:
    """Processes, or a cluster, that stay for all steps of a job.

    Starting a process costs as much as 500 images. On either side a process does one job at a time,
    with one thread.

    Args:
        count: the number of processes of this machine; 1 runs everything in this one.
        dask: address of a Dask scheduler; None uses this machine.
        sees: folders that the workers of the cluster must see under the same absolute path.
        ready: a picklable function that is called in each worker of the cluster before the first
            job; what it raises is an error that names the worker. None calls nothing.
        progress: what shows how far the users of the workers are; see `Compute`.

    Example:
        >>> with Workers(1) as workers:
        ...     list(workers.map_ordered(len, ["to", "three"]))
        [2, 5]
    """

    def __init__(
        self,
        count: int = 1,
        dask: str | None = None,
        sees: Sequence[Path] = (),
        ready: Callable[[], object] | None = None,
        progress: Progress[Any] = no_progress,
    ) -> None:
        self.progress = progress
        self._count = count
        self._dask = dask
        self._sees = sees
        self._ready = ready
        self._executor: LastingProcesses | DaskWorkers | None = None
        self._counted = -float("inf")

    def __enter__(self) -> Self:
        """Start the processes, or connect to the cluster and examine its workers.

        Raises:
            YoloFerError: if there is no scheduler or a worker cannot do the jobs; see
                `DaskWorkers`.
        """
        if self._dask is not None:
            self._executor = DaskWorkers(self._dask, self._sees, self._ready)
        elif self._count > 1:
            self._executor = LastingProcesses(self._count)
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor is not None:
            self._executor.stop()

    def map_ordered(
        self,
        function: Callable[[Item], Result],
        items: Iterable[Item],
        lost: Callable[[Item], Result] | None = None,
    ) -> Iterator[Result]:
        """Yield the results of a picklable function in the order of the items.

        Args:
            function: a module-level function, or a `functools.partial` of one.
            items: read lazily, only a few ahead of the results.
            lost: gives the result of an item whose worker died each time that it was tried; None
                makes that an error.

        Raises:
            YoloFerError: as the function does, if an item's worker dies again and again, or if the
                cluster's scheduler goes away for good.
        """
        if self._executor is None:
            yield from map(function, items)
            return
        waiting = iter(items)
        pending: deque[tuple[Item, Future[Result]]] = deque()

        def fill(most: int) -> None:
            for item in islice(waiting, max(0, most - len(pending))):
                pending.append((item, self._submit(function, item)))

        fill(self._most_ahead())
        while pending:
            item, future = pending[0]
            wait([future])
            if future.cancelled():  # its scheduler went away, and took the others along
                for _ in range(len(pending)):
                    item, future = pending.popleft()
                    again = self._submit(function, item) if future.cancelled() else future
                    pending.append((item, again))
                continue
            pending.popleft()
            # before the result is used: else the workers would wait for who uses it
            fill(self._most_ahead())
            yield _result(future, item, lost)

    def as_finished(
        self,
        function: Callable[[Item], Result],
        items: Iterable[Item],
        lost: Callable[[Item], Result] | None = None,
    ) -> Iterator[tuple[Item, Result]]:
        """Yield items with their results, whichever is finished first; see `map_ordered`."""
        if self._executor is None:
            for item in items:
                yield item, function(item)
            return
        waiting = iter(items)
        running: dict[Future[Result], Item] = {}
        finished: SimpleQueue[Future[Result]] = SimpleQueue()

        def start(item: Item) -> None:
            future = self._submit(function, item)
            running[future] = item
            future.add_done_callback(finished.put)

        while True:
            for item in islice(waiting, max(0, self._most_ahead() - len(running))):
                start(item)
            if not running:
                return
            future = finished.get()
            item = running.pop(future)
            if future.cancelled():  # its scheduler went away
                start(item)
            else:
                yield item, _result(future, item, lost)

    def _submit(self, function: Callable[[Item], Result], item: Item) -> Future[Result]:
        assert self._executor is not None  # noqa: S101  # both callers have seen to it
        return self._executor.submit(function, item)

    def _most_ahead(self) -> int:
        """Return how many jobs may be under way or wait for who uses their results."""
        if isinstance(self._executor, DaskWorkers):
            now = time.monotonic()
            if now - self._counted > _RECOUNT_SECONDS:
                self._count, self._counted = max(1, self._executor.count()), now
        return _AHEAD * self._count


def _result(future: Future[Result], item: Item, lost: Callable[[Item], Result] | None) -> Result:
    try:
        return future.result()
    except Exception as error:
        killed = type(error).__name__ == "KilledWorker"  # Dask's, which may not be installed
        if not killed and not isinstance(error, WorkerLostError):
            raise
        if lost is not None:
            return lost(item)
        if killed:
            raise WorkerLostError(
                "the Dask workers that tried one job died each time (out of memory?): "
                f"{error}. Run the same command again with `resume`, and with more memory for each "
                "worker if it happens again"
            ) from error
        raise
