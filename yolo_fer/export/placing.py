"""Where an export goes: to a place where nothing else is lost, and whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from yolo_fer.detector.network import OWN_KEY
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.export.description import files_of, with_files
from yolo_fer.export.formats import Format
from yolo_fer.files import write_atomically
from yolo_fer.inputs.walking import files_below
from yolo_fer.paths import exists, temporary_beside
from yolo_fer.runtime.json_yaml import read_yaml

_DESCRIPTION = "metadata.yaml"
"""In each folder that is an export."""


def check_target(
    target: Path, name: str, format: Format, sources: Iterable[Path], overwrite: bool
) -> None:
    """Make sure that an export can go to its place, before the minutes that it may take.

    Args:
        target: the file or folder to write.
        name: what the export is called unless told otherwise, for messages.
        format: what is written.
        sources: what it is made from: the checkpoint, and the images of int8.
        overwrite: replace an export that is there.

    Raises:
        UsageError: if something is there that may not be replaced: anything without `overwrite`, a
            source, a folder that holds more than an export, a folder where a file is written, or
            the other way round.
    """
    _check_kind(target, name, format)
    beside = None if format.is_folder else _beside(target)
    written = [target] if beside is None else [target, beside]
    for path in written:
        if exists(path) and any(exists(one) and path.samefile(one) for one in sources):
            raise UsageError(
                f"{path} is what the export is made from, and would be lost; give another `out`"
            )
    for path in written:
        if os.path.lexists(path) and not overwrite:
            raise UsageError(f"{path} exists; add `overwrite` or give another `out`")
    if target.is_dir() and any(target.iterdir()):
        _refuse_other_folder(target)
    if beside is not None and os.path.lexists(beside) and OWN_KEY not in _read(beside):
        raise UsageError(
            f"{beside} describes no export, and is not replaced by the description of "
            f"{target.name}; give another `out`"
        )


def _check_kind(target: Path, name: str, format: Format) -> None:
    for folder in target.parents:
        if exists(folder) and not folder.is_dir():
            raise UsageError(
                f"{folder} is a file and can hold no {target.name}; give another `out`"
            )
    if not os.path.lexists(target):
        return
    kind = f"an export to {format.title} is a {'folder' if format.is_folder else 'file'}"
    if not format.is_folder:
        if target.is_dir():
            raise UsageError(
                f"{target} is a folder, and {kind}; give `out` a name for it, such as "
                f"{target / name}"
            )
        if exists(target) and not target.is_file():
            raise UsageError(f"{target} is a pipe or a device, and {kind}; give another `out`")
    elif target.is_symlink() or not target.is_dir():
        what = "a link" if target.is_symlink() else "a file"
        raise UsageError(f"{target} is {what}, and {kind}; give `out` the name of a new folder")
    elif target.name in ("", ".."):
        raise UsageError(f"`out={target}` cannot be replaced; give the name of a new folder")


def _refuse_other_folder(folder: Path) -> None:
    """Make sure that a folder which will be replaced holds nothing but an export."""
    said = _read(folder / _DESCRIPTION)
    if "names" not in said:
        raise UsageError(
            f"{folder} is a folder that holds no export, and is not replaced; give another `out`"
        )
    graphs = [path.stem for path in folder.glob("*.xml")]
    known = files_of(said)
    if not known and len(graphs) == 1:  # OpenVINO, from before the files were listed
        known = frozenset((f"{graphs[0]}.xml", f"{graphs[0]}.bin"))
    for path in files_below(folder):
        name = path.relative_to(folder).as_posix()
        if name != _DESCRIPTION and name not in known:
            raise UsageError(
                f"{folder} is not replaced: {name} in it is not known to be part of an export. "
                "Give another `out`, or move away what you need and delete the folder"
            )


def _read(description: Path) -> Mapping[Any, Any]:
    try:
        said = read_yaml(description)
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, Mapping) else {}


def rename_files(folder: Path, old: str, new: str) -> None:
    """Let the names of the files in a folder begin with another stem, where they begin with `old`.

    Some formats leave their names open, such as OpenVINO the one of `weights.xml`.
    """
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name.startswith(old):
            path.rename(path.with_name(new + path.name.removeprefix(old)))


def put(made: Path, target: Path, metadata: Mapping[str, Any]) -> None:
    """Bring an export to its place, with its metadata next to it unless ONNX carries them.

    Args:
        made: the export, in a temporary folder.
        target: the file or folder to write; the folder that it lies in must exist.
        metadata: what the export says about itself; a folder may have it already.

    Raises:
        YoloFerError: if a folder cannot be copied.
        OSError: if the system refuses to write; it names the target.
    """
    if made.is_dir():
        description = made / _DESCRIPTION
        said = _read(description) or metadata
        names = [path.relative_to(made).as_posix() for path in files_below(made)]
        description.write_bytes(_as_yaml(with_files(said, {*names, _DESCRIPTION})))
        put_folder(made, target)
        return
    write_atomically(target, _without_shapes(made) if made.suffix == ".onnx" else made.read_bytes())
    beside = _beside(target)
    if beside is not None:
        write_atomically(beside, _as_yaml(metadata))


def put_folder(made: Path, target: Path) -> None:
    """Copy a folder under a temporary name and rename it, so that no disk ever holds half of it.

    Raises:
        YoloFerError: if it cannot be copied whole.
        OSError: if the system refuses to write; it names the target.
    """
    temporary = temporary_beside(target)
    try:
        shutil.copytree(made, temporary)
        shutil.rmtree(target, ignore_errors=True)
        temporary.replace(target)
    except shutil.Error as error:  # a list of all files that failed
        raise YoloFerError(f"{target} cannot be written: {error.args[0][0][2]}") from error
    except OSError as error:
        error.filename = str(target)  # which says more than the temporary name
        raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _beside(target: Path) -> Path | None:
    """Return the file that describes one which cannot describe itself; None for ONNX, which can."""
    return None if target.suffix == ".onnx" else target.with_name(f"{target.name}.yaml")


def _as_yaml(metadata: Mapping[str, Any]) -> bytes:
    return yaml.safe_dump(_plain(metadata), sort_keys=False, allow_unicode=True).encode()


def _without_shapes(path: Path) -> bytes:
    """Return an ONNX file without the inferred shapes of its inner tensors.

    With a dynamic input they are formulas, a megabyte of them, and every runtime infers its own.
    """
    import onnx

    model = onnx.load(path)
    del model.graph.value_info[:]
    return bytes(model.SerializeToString())


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, int | float | str | bool | None) else str(value)
