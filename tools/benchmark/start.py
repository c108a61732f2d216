"""How long a command takes from nothing: the interpreter, the imports and the network included."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.benchmark.figures import Figure
from yolo_fer.evaluate.stopwatch import stopwatch


def help_text(repeats: int) -> Figure:
    """Time `yolo-fer --help`."""
    setting = "wall time of a process, files in the system's cache"
    return Figure("yolo-fer --help", _times(["--help"], repeats), " s", 0.5, True, setting)


def first_prediction(image: Path, weights: Path, repeats: int) -> Figure:
    """Time `yolo-fer predict` on one image."""
    seconds = _times(["predict", str(image), "--weights", str(weights)], repeats)
    setting = f"wall time of a process, one image, {weights.name}, files in the system's cache"
    return Figure("yolo-fer predict IMAGE", seconds, " s", 2.0, True, setting)


def _times(arguments: Sequence[str], repeats: int) -> tuple[float, ...]:
    """Return the seconds of each run; one more goes ahead and fills the system's cache."""
    seconds: list[float] = []
    for _ in range(repeats + 1):
        with stopwatch(seconds):
            subprocess.run(
                [sys.executable, "-m", "yolo_fer", *arguments], check=True, capture_output=True
            )
    return tuple(seconds[1:])
