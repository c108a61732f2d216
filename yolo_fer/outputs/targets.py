"""Names for copies in a folder of results, none of which replaces another."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath


def plan_targets(folder: Path, wanted: Iterable[PurePosixPath], suffix: str) -> list[Path]:
    """Return a path below a folder for each wanted name, with another extension.

    Where two would be the same, letter case aside, the later one gets a number, so that the folder
    can be carried to any file system.
    """
    taken: set[str] = set()
    targets: list[Path] = []
    for item in wanted:
        name = _free_name(item, suffix, taken)
        taken.add(str(name).casefold())
        targets.append(folder / name)
    return targets


def _free_name(wanted: PurePosixPath, suffix: str, taken: set[str]) -> PurePosixPath:
    name, number = wanted.with_name(f"{wanted.stem}{suffix}"), 1
    while str(name).casefold() in taken:
        number += 1
        name = wanted.with_name(f"{wanted.stem}-{number}{suffix}")
    return name
