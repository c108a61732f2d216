"""`yolo-fer app` and `yolo-fer serve` as processes of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START = "from yolo_fer.cli.main import main; main('app')"
"""Python that is the command `app`."""


@dataclass(frozen=True)
class Server:
    url: str
    process: subprocess.Popen[str]
    temporary: Path

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Return the exit status and what was printed to standard error."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=30)
        return self.process.returncode, errors


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    temporary: Path, *arguments: object, start: str = START, through: tuple[str, ...] = ()
) -> Iterator[Server]:
    """Start the page and wait until it is there; end it in the end."""
    port = free_port()
    command = [*through, sys.executable, "-c", start, "--port", str(port), *map(str, arguments)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | {"TMPDIR": str(temporary)},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if "http://" not in line:
            raise AssertionError(process.communicate(timeout=10)[1])
        yield Server(f"http://127.0.0.1:{port}/", process, temporary)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
