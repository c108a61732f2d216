"""The `--json` file of a command that measures or checks something."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yolo_fer.errors import UsageError
from yolo_fer.images import write_json


def write_json_file(path: Path | None, content: Mapping[str, Any]) -> None:
    """Write what a command found, if its user wants it in a file.

    Args:
        path: of the file; None writes nothing.
        content: JSON, without NaN, which no other language reads.

    Raises:
        UsageError: if the file cannot be written.
    """
    if path is None:
        return
    try:
        write_json(path, content)
    except OSError as error:
        raise UsageError(f"--json {path} cannot be written: {error.strerror}") from error
