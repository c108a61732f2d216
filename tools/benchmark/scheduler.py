"""What a Dask scheduler costs for each job: how short jobs may be, and for how many workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

from tools.benchmark.figures import Figure
from tools.benchmark.memory import resident
from yolo_fer.errors import YoloFerError
from yolo_fer.evaluate.stopwatch import stopwatch
from yolo_fer.runtime.executor import Workers

_MOST_MILLISECONDS = 5.0
_MOST_GROWTH = 1.2
_MOST_OVERHEAD = 5.0
_CHUNK_SECONDS = 10.0
_ROUNDS = 3
_START_SECONDS = 300  # a machine may be busy


def scheduler(jobs: int, workers: int) -> list[Figure]:
    """Run jobs on a Dask cluster of this machine, first tiny ones, then a few of ten seconds.

    Args:
        jobs: so many do nothing.
        workers: processes of the cluster.
    """
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        file = Path(folder) / "scheduler.json"
        central = _start(stack, "scheduler", file, "--port", "0", "--host", "127.0.0.1")
        address = _address(file, central)
        worker = [
            _start(stack, "worker", file, "--nthreads", "1", "--no-nanny") for _ in range(workers)
        ]
        _wait_for(address, workers)
        cluster = stack.enter_context(Workers(1, address))
        _run(cluster, 0.0, max(10 * workers, jobs // 10))  # all have imported what they need
        measured = [_Measured(process.pid) for process in worker]
        scheduling, own = _Measured(central.pid), _Measured(os.getpid())
        wall = _run(cluster, 0.0, jobs)
        tiny = 1000 * scheduling.cpu() / jobs
        others = (1000 * sum(one.cpu() for one in measured) / jobs, 1000 * own.cpu() / jobs)
        growth = [_growth("the scheduler", scheduling), _growth("who hands them over", own)]
        long = _run(cluster, _CHUNK_SECONDS, _ROUNDS * workers)
    setting = (
        f"{jobs} jobs that do nothing, {workers} workers, {wall:.0f} s; {others[0]:.1f} ms of a "
        f"worker, {others[1]:.1f} ms of who hands them over; jobs of 10 s keep "
        f"{10_000 / tiny:.0f} workers busy, of 60 s {60_000 / tiny:.0f}"
    )
    return [
        Figure(
            "CPU time of the scheduler for each job",
            (tiny,), " ms", _MOST_MILLISECONDS, at_most=True, setting=setting,
        ),
        *growth,
        Figure(
            "overhead of Dask at jobs of 10 s",
            (100 * (long / (_ROUNDS * _CHUNK_SECONDS) - 1),), " %", _MOST_OVERHEAD, at_most=True,
            setting=f"{_ROUNDS * workers} jobs that sleep, {workers} workers",
        ),
    ]  # fmt: skip


class _Measured:
    """What a process takes from now on.

    Args:
        pid: its number.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.megabytes = self.megabytes_now()
        self._cpu = _cpu_seconds(pid)

    def cpu(self) -> float:
        """Return the CPU seconds since then."""
        return _cpu_seconds(self._pid) - self._cpu

    def megabytes_now(self) -> float:
        """Return its resident memory."""
        return resident(str(self._pid))[0]


def _growth(whose: str, process: _Measured) -> Figure:
    now = process.megabytes_now()
    return Figure(
        f"growth of the memory of {whose} over these jobs",
        (now / process.megabytes,), "x", _MOST_GROWTH, at_most=True,
        setting=f"{process.megabytes:.0f} MB after a tenth as many, then {now:.0f} MB",
    )  # fmt: skip


def _start(stack: ExitStack, part: str, file: Path, *options: str) -> subprocess.Popen[bytes]:
    """Start a part of a cluster, which ends with the stack."""
    command = [sys.executable, "-m", "dask", part, "--scheduler-file", str(file), "--no-dashboard"]
    process = subprocess.Popen([*command, *options], stderr=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process


def _address(file: Path, process: subprocess.Popen[bytes]) -> str:
    """Return the address that a scheduler writes to its file once it listens."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError, ValueError):  # it is not there yet, or only half of it
            address: str = json.loads(file.read_text())["address"]
            return address
        time.sleep(0.1)
    raise YoloFerError("`dask scheduler` does not start; is yolo-fer[cluster] installed?")


def _wait_for(address: str, workers: int) -> None:
    from distributed import Client

    with Client(address, timeout=_START_SECONDS, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=_START_SECONDS)


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
