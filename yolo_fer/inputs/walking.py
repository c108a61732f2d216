"""Walking through folders, everywhere in the same way: sorted, through links, never in circles."""

from __future__ import annotations

import fnmatch
import itertools
import os
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from yolo_fer.errors import YoloFerError, YoloFerWarning
from yolo_fer.paths import exists

has_wildcard = re.compile(r"[*?[]").search
_MOST_WAYS = 50


def warn_of_unreadable_folder(error: OSError) -> None:
    """Warn of a folder that cannot be read; one that is not there is what the caller looks for."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return
    warnings.warn(
        f"{error.filename}: this folder cannot be read ({error.strerror}); what is in it is left "
        "out",
        YoloFerWarning,
        stacklevel=2,
    )


def walk(
    root: Path,
    *,
    once: bool = False,
    unreadable: Callable[[OSError], None] = warn_of_unreadable_folder,
) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Walk like `os.walk`: yield each folder with the sorted names of its folders and files.

    Linked folders are walked as if they were folders. One that leads back to a folder that it lies
    in is left out, since all of it is seen already.

    Args:
        root: the folder in which to begin. Folders that are removed from the yielded list are not
            walked.
        once: enter no folder twice, also where links lead to it in several ways.
        unreadable: a function that is called with the error of each folder that cannot be read.

    Raises:
        YoloFerError: if links lead to one folder in more than fifty ways.
    """
    above: dict[str, frozenset[str]] = {str(root): frozenset()}
    ways: Counter[str] = Counter()
    for name, folders, files in os.walk(root, onerror=unreadable, followlinks=True):
        real, parents = os.path.realpath(name), above.pop(name)
        if real in parents or (once and ways[real]):
            folders.clear()
            continue
        ways[real] += 1
        if ways[real] > _MOST_WAYS:
            raise YoloFerError(
                f"{name}: links lead to this folder in more than {_MOST_WAYS} ways; remove some"
            )
        folders.sort()
        yield Path(name), folders, sorted(files)
        above |= {os.path.join(name, folder): parents | {real} for folder in folders}  # noqa: PTH118


def files_below(root: Path) -> Iterator[Path]:
    """Yield all files below a folder, as `walk` finds them; a link to nothing is one, too."""
    for folder, _, names in walk(root):
        yield from (folder / name for name in names)


def matches_of(pattern: str) -> tuple[Path, list[Path]]:
    """Find what matches a pattern with `*`, `?`, `[]` or, for any folders, `**`.

    Returns:
        The folder up to the first wildcard, and the sorted matches below it.
    """
    anchor = anchor_of(pattern)
    return anchor, sorted(set(_matches(anchor, Path(pattern).parts[len(anchor.parts) :])))


def anchor_of(pattern: str) -> Path:
    """Return the folder up to the first wildcard of a pattern."""
    return Path(*itertools.takewhile(lambda part: not has_wildcard(part), Path(pattern).parts))


def _matches(folder: Path, parts: Sequence[str]) -> Iterator[Path]:
    if not parts:
        yield folder
        return
    part, rest = parts[0], parts[1:]
    if part == "**":
        for below, _, names in walk(folder):
            if rest:
                yield from _matches(below, rest)
            else:
                yield from (below / name for name in names)
    elif not has_wildcard(part):
        if os.path.lexists(folder / part):
            yield from _matches(folder / part, rest)
    elif exists(folder) and folder.is_dir():
        for name in fnmatch.filter(_names(folder), part):
            yield from _matches(folder / name, rest)


def _names(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except OSError as error:
        warn_of_unreadable_folder(error)
        return []
