"""What a Dask scheduler costs for each job: how short jobs may be, and for how many workers."""

from __future__ import annotations

import time
from concurrent.futures import Executor
from functools import partial

from tools.benchmark.figures import Figure
from yolo_fer.errors import MissingExtraError
from yolo_fer.evaluate.stopwatch import stopwatch
from yolo_fer.runtime.jobs import as_finished, open_executor

_MOST_MILLISECONDS = 5.0
_MOST_OVERHEAD = 5.0
_CHUNK_SECONDS = 10.0
_ROUNDS = 3


def scheduler(jobs: int, workers: int) -> list[Figure]:
    """Run jobs on a Dask cluster of this machine, first tiny ones, then a few of ten seconds.

    Args:
        jobs: so many do nothing.
        workers: processes of the cluster.
    """
    try:
        from distributed import LocalCluster
    except ImportError as error:
        raise MissingExtraError("distributed", "cluster", "`scheduler`") from error
    with LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        with open_executor(1, address) as executor:
            assert executor is not None  # there is an address
            _run(executor, 0.0, 10 * workers)  # all workers have imported what they need
            begun = time.process_time()
            wall = _run(executor, 0.0, jobs)
            tiny = (time.process_time() - begun) / jobs
            long = _run(executor, _CHUNK_SECONDS, _ROUNDS * workers)
    busy = f"jobs of 10 s keep {10 / tiny:.0f} workers busy, of 60 s {60 / tiny:.0f}"
    return [
        Figure(
            "CPU time of the scheduler and the client for each job",
            (1000 * tiny,),
            " ms",
            _MOST_MILLISECONDS,
            at_most=True,
            setting=f"{jobs} jobs that do nothing, {workers} workers, {wall:.0f} s; {busy}",
        ),
        Figure(
            "overhead of Dask at jobs of 10 s",
            (100 * (long / (_ROUNDS * _CHUNK_SECONDS) - 1),),
            " %",
            _MOST_OVERHEAD,
            at_most=True,
            setting=f"{_ROUNDS * workers} jobs that sleep, {workers} workers",
        ),
    ]


def _run(executor: Executor, length: float, jobs: int) -> float:
    seconds: list[float] = []
    with stopwatch(seconds):
        for _ in as_finished(executor, partial(_job, seconds=length), range(jobs)):
            pass
    return seconds[0]


def _job(_: int, seconds: float) -> None:
    time.sleep(seconds)
