"""Which run folder a training goes on in after a kill."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from yolo_fer.errors import YoloFerError
from yolo_fer.paths import resolved
from yolo_fer.runtime.json_yaml import read_json

ARGUMENTS, METRICS = "args.json", "metrics.json"
"""What is written first and last: a run folder that has both is complete."""


def arguments_of(choice: Any) -> dict[str, Any]:
    """Return what a dataclass holds as it stands in args.json, with absolute paths."""
    return {
        name: str(resolved(value)) if isinstance(value, Path) else value
        for name, value in asdict(choice).items()
    }


def find_unfinished(wanted: Mapping[str, Any], out: Path | None, parent: Path) -> Path:
    """Return the newest run folder with these arguments that did not come to its end.

    Args:
        wanted: what stands in its args.json.
        out: the only folder that is looked at; None looks at all.
        parent: the parent of all run folders.

    Raises:
        YoloFerError: if there is none.
    """
    folders = (
        [out]
        if out
        else sorted(parent.glob("*"), key=lambda path: path.stat().st_mtime, reverse=True)
    )
    plain = json.loads(json.dumps(wanted))
    for folder in folders:
        if (folder / METRICS).exists():
            continue
        try:
            arguments = read_json(folder / ARGUMENTS)
        except (OSError, ValueError):
            continue  # of a run that was damaged; it is nobody's to go on with
        if arguments == plain:
            return folder
    raise YoloFerError(
        f"{out or parent} holds no unfinished training with these arguments; train without `resume`"
    )
