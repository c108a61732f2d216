"""What tells one raw dataset from another without reading it: the names and sizes of its files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from yolo_fer.inputs.walking import walk
from yolo_fer.paths import encoded, resolved
from yolo_fer.weights.hashes import sha256_of


def hash_source_files(root: Path, out: Path) -> str:
    """Return the hash of a raw dataset: of a folder's names and sizes, or of a file's bytes.

    Hidden files say nothing of it: file managers leave them wherever they look.

    Args:
        root: the folder or the file.
        out: the folder of the set, which may lie in that folder and is no part of it.

    Returns:
        The SHA-256 hash in hexadecimal, empty if the file cannot be read: whoever converts it says
        what is wrong.
    """
    if not root.is_dir():
        try:
            return sha256_of(root) if root.is_file() else ""
        except OSError:
            return ""
    hashed, own = hashlib.sha256(), resolved(out)
    for folder, folders, names in walk(root, once=True, unreadable=lambda _: None):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and (name != own.name or resolved(folder / name) != own)
        ]
        for path in (folder / name for name in names if not name.startswith(".")):
            hashed.update(encoded(f"{_size(path)} {path.relative_to(root).as_posix()}\n"))
    return hashed.hexdigest()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # a link to nothing
        return -1
