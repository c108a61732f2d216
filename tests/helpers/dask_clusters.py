"""Dask schedulers and workers, each a process of its own, as a user starts them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def process(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Python module until the end of the block; it imports this checkout."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    running = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        env=variables,
        cwd=ROOT.anchor,  # the folder that a module is run in comes before PYTHONPATH
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


@contextmanager
def scheduler(port: int | None = None, **environment: str) -> Iterator[str]:
    """Yield the address of a scheduler without workers."""
    port = port or free_port()
    options = ("--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    with process("distributed.cli.dask_scheduler", *options, **environment):
        deadline = time.monotonic() + 300
        while not listens(port):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield f"tcp://127.0.0.1:{port}"


@contextmanager
def worker(address: str, *options: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker with one thread and no nanny, so that killing it is the end of it."""
    settings = ("--nthreads", "1", "--no-nanny", "--no-dashboard", *options)
    with process("distributed.cli.dask_worker", address, *settings, **environment) as running:
        yield running


def wait_for_workers(address: str, count: int) -> None:
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=300)
