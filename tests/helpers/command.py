"""`yolo-fer` as a user runs it, and what it wrote."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from yolo_fer.inputs.video import VideoFile

NEEDS_TRACKS = ("supervision", "trackers", "matplotlib")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Run: TypeAlias = Callable[..., Done]
"""Calls a command in this process."""


def yolo_fer(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "yolo_fer", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True)


def frames_in(path: Path) -> int:
    video = VideoFile(path)
    return sum(1 for _ in video.frames())


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
