"""Names for copies in a folder of results, none of which replaces another."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from yolo_fer.paths import free_name


def plan_targets(folder: Path, wanted: Iterable[PurePosixPath], suffix: str) -> list[Path]:
    """Return a path below a folder for each wanted name, with another extension.

    Where two would be the same, letter case aside, the later one gets a number, so that the folder
    can be carried to any file system.
    """
    taken: set[str] = set()
    names = (str(item.parent / item.stem) for item in wanted)
    return [folder / free_name(name, taken, suffix) for name in names]
