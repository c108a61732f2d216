"""The SHA-256 of files and of networks, by which figures and caches name them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from yolo_fer.paths import encoded


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_weights(path: Path) -> str:
    """Return the SHA-256 of weights; of a folder (OpenVINO), that of its `sha256sum` lines."""
    if path.is_file():
        return sha256_of(path)
    lines = (
        f"{sha256_of(file)}  {file.relative_to(path).as_posix()}\n"
        for file in sorted(path.rglob("*"))
        if file.is_file()
    )
    return hashlib.sha256(encoded("".join(lines))).hexdigest()


def size_of_weights(path: Path) -> int:
    """Return the size of weights in bytes; of a folder (OpenVINO), that of all its files."""
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())
