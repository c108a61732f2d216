"""The folder of a converted set before anything is written: new, unfinished or to be replaced."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from yolo_fer.dataset.layout import REPORT
from yolo_fer.dataset.writer import MANIFEST_COLUMNS, WORK, writing_set
from yolo_fer.errors import ExclusiveArgumentsError, UsageError, YoloFerError
from yolo_fer.files import write_atomically
from yolo_fer.paths import resolved
from yolo_fer.runtime.folder_lock import holds_something
from yolo_fer.runtime.json_yaml import read_json

_OPTIONS, _SOURCE = "options.json", "source_files_sha256"
_OLDEST_COLUMNS = 5  # that the manifests of all versions begin with
# In the order in which they are removed: without data.yaml a set is not complete, and manifest.csv
# tells to the end that it is ours.
_OURS = (
    "data.yaml", "dropped.csv", REPORT, "images", "labels", "annotations", WORK, "manifest.csv",
)  # fmt: skip


def open_folder(
    out: Path,
    root: Path,
    options: dict[str, Any],
    *,
    resume: bool,
    overwrite: bool,
    source_files_sha256: str = "",
) -> Path | None:
    """Make the folder of a conversion ready and return its work folder.

    Args:
        out: the folder that the set is written to.
        root: the raw dataset; never written to.
        options: all that decides what is written; a conversion goes on only with the same.
        resume: go on with a conversion that was stopped.
        overwrite: replace what an earlier conversion wrote, and nothing else.
        source_files_sha256: what tells this source from another, for `noted_source`; empty if
            the options tell all.

    Returns:
        The work folder, or None if the conversion is complete and `resume` has nothing to do.

    Raises:
        UsageError: if the folder holds something that the flags do not allow for, or a set that was
            made from something else.
        YoloFerError: if it cannot be written, or what is there cannot be removed.
    """
    if resume and overwrite:
        raise ExclusiveArgumentsError(
            "`resume` goes on with what `overwrite` would remove; give one of them",
            "resume",
            "overwrite",
        )
    if out.exists() and not out.is_dir():
        raise UsageError(f"`out={out}` is a file; give a folder")
    if resolved(out) in (resolved(root), *resolved(root).parents):
        raise UsageError(f"`out={out}` holds the raw dataset {root}; give another folder")
    work = out / WORK
    begun = work / _OPTIONS
    text = json.dumps({**options, "root": str(resolved(root))}, indent=1, sort_keys=True)
    with writing_set(out):
        if out.exists() and holds_something(out):
            if overwrite:
                _clear(out)
            elif not resume:
                raise UsageError(f"`out={out}` is not empty; add `resume` or `overwrite`")
            elif is_complete(out):
                report = _read(out / REPORT)
                _check_same(out, report["options"], options)
                _check_source(out, root, report.get(_SOURCE), source_files_sha256)
                shutil.rmtree(work, ignore_errors=True)
                return None
            elif begun.exists():
                _check_same(out, _read(begun), json.loads(text))
                remove_unfinished(out)
            else:
                raise UsageError(
                    f"`out={out}` holds no unfinished conversion to `resume`; give another folder"
                )
        work.mkdir(parents=True, exist_ok=True)
        write_atomically(work / _SOURCE, source_files_sha256.encode())
        write_atomically(begun, text.encode())
    return work


def noted_source(out: Path) -> dict[str, str]:
    """Return what the report says of the source of an unfinished conversion."""
    with writing_set(out):
        return {_SOURCE: (out / WORK / _SOURCE).read_text()}


def remove_unfinished(folder: Path) -> None:
    """Remove the temporary files that a killed process left in a folder and those below it."""
    for path in folder.rglob(".*.tmp"):
        path.unlink(missing_ok=True)


def is_complete(out: Path) -> bool:
    """Return whether a conversion ended there: data.yaml comes last."""
    return (out / "data.yaml").is_file()


def _read(path: Path) -> dict[str, Any]:
    """Return the options of a conversion that was begun, or the report of one that ended.

    Raises:
        YoloFerError: if the file is damaged.
    """
    try:
        content = read_json(path)
        is_report = path.name == REPORT and isinstance(content, dict)
        if not isinstance(content.get("options") if is_report else content, dict):
            raise ValueError("it holds no options")
    except ValueError as error:
        raise YoloFerError(
            f"{path} cannot be read ({error}), so the options cannot be compared. "
            "Use `overwrite` to convert again"
        ) from error
    found: dict[str, Any] = content
    return found


def _check_same(out: Path, old: dict[str, Any], new: dict[str, Any]) -> None:
    # the hash of a file that an earlier version did not note yet
    unknown = {key for key in new.keys() - old.keys() if key.endswith("_sha256")}
    new = {key: value for key, value in new.items() if key not in unknown}
    if old != new:
        raise UsageError(
            f"the conversion in {out} has other options: {_difference(old, new)}. Use the same "
            "ones, or `overwrite` to do it again"
        )


def _check_source(out: Path, root: Path, old: object, new: str) -> None:
    """Raise a `UsageError` if a complete set was made from something else, if that is known."""
    if old and new and old != new:
        raise UsageError(
            f"the set in {out} is complete, and was made from other files than {root} holds now. "
            "Use `overwrite` to convert again, or give another folder"
        )


def _difference(old: dict[str, Any], new: dict[str, Any]) -> str:
    return ", ".join(
        f"{key} was {old.get(key)!r}, is {new.get(key)!r}"
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    )


def _is_ours(out: Path) -> bool:
    """Return whether a conversion wrote a folder, or began to; others have manifest.csv, too."""
    if any((out / WORK / name).is_file() for name in (_OPTIONS, _SOURCE)):
        return True
    try:
        with (out / "manifest.csv").open(encoding="utf-8") as file:
            return file.readline().startswith(",".join(MANIFEST_COLUMNS[:_OLDEST_COLUMNS]))
    except (OSError, UnicodeDecodeError):
        return False


def _clear(out: Path) -> None:
    if not _is_ours(out):
        raise UsageError(
            f"`out={out}` is not a converted set: `overwrite` leaves it alone; give another folder"
        )
    for name in _OURS:
        path = out / name
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:  # of a link, what it leads to is not ours
                path.unlink(missing_ok=True)
        except OSError as error:
            raise YoloFerError(
                f"{path} cannot be removed ({error.strerror or error}), so nothing new is written. "
                "Remove it and run the same command again, or give another folder"
            ) from error
