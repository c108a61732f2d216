"""What a Dask scheduler costs for each job: how short jobs may be, and for how many workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from tools.benchmark.figures import Figure
from yolo_fer.errors import YoloFerError
from yolo_fer.evaluate.stopwatch import stopwatch
from yolo_fer.runtime.executor import Workers

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
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        file = Path(folder) / "scheduler.json"
        address, pid = _start(stack, "scheduler", file, "--port", "0", "--host", "127.0.0.1")
        for _ in range(workers):
            _start(stack, "worker", file, "--nthreads", "1", "--no-nanny")
        cluster = stack.enter_context(Workers(1, address))
        _run(cluster, 0.0, 10 * workers)  # all workers have imported what they need
        begun = _cpu_seconds(pid)
        wall = _run(cluster, 0.0, jobs)
        tiny = (_cpu_seconds(pid) - begun) / jobs
        long = _run(cluster, _CHUNK_SECONDS, _ROUNDS * workers)
    busy = f"jobs of 10 s keep {10 / tiny:.0f} workers busy, of 60 s {60 / tiny:.0f}"
    return [
        Figure(
            "CPU time of the scheduler for each job",
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


def _start(stack: ExitStack, part: str, file: Path, *options: str) -> tuple[str, int]:
    """Start a part of a cluster; return the scheduler's address and the number of the process."""
    command = [sys.executable, "-m", "dask", part, "--scheduler-file", str(file), "--no-dashboard"]
    process = subprocess.Popen([*command, *options], stderr=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    for _ in range(600):
        if file.exists() and process.poll() is None:
            address: str = json.loads(file.read_text())["address"]
            return address, process.pid
        time.sleep(0.1)
    raise YoloFerError(f"`dask {part}` does not start; is yolo-fer[cluster] installed?")


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _run(cluster: Workers, length: float, jobs: int) -> float:
    """Run jobs and return the seconds."""
    seconds: list[float] = []
    with stopwatch(seconds):
        for _ in cluster.as_finished(partial(_job, length), range(jobs)):
            pass
    return seconds[0]


def _job(seconds: float, number: int) -> None:
    time.sleep(seconds)
