"""Dask schedulers and workers, each a process of its own, as a user starts them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def process(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Python module until the end of the block; it imports this checkout."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    running = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        env=variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


@contextmanager
def scheduler(port: int | None = None) -> Iterator[str]:
    """Yield the address of a scheduler without workers."""
    port = port or free_port()
    options = ("--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    with process("distributed.cli.dask_scheduler", *options):
        yield f"tcp://127.0.0.1:{port}"


@contextmanager
def worker(address: str, *options: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker with one thread and no nanny, so that killing it is the end of it."""
    settings = ("--nthreads", "1", "--no-nanny", "--no-dashboard", *options)
    with process("distributed.cli.dask_worker", address, *settings, **environment) as running:
        yield running
