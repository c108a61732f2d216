"""Weights that an installed package carries in a Python module, read without importing it.

Two packages claim the name `retinaface`, and whichever was installed last would run.
"""

from __future__ import annotations

import ast
from importlib import metadata
from pathlib import Path

from yolo_fer.weights.entry import InstalledMember


def find_member(source: InstalledMember) -> Path | None:
    """Return the module's file, found through the package's own list; None if not installed."""
    try:
        files = metadata.files(source.distribution) or []
    except metadata.PackageNotFoundError:
        return None
    return next((Path(str(f.locate())) for f in files if f.as_posix() == source.member), None)


def read_only_assignment(path: Path) -> bytes | None:
    """Return the bytes that a module assigns; None if it is not one assignment of bytes."""
    try:
        _, _, literal = path.read_text("ascii").partition("=")
        value = ast.literal_eval(literal.strip())
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    return value if isinstance(value, bytes) else None


def reinstalling(source: InstalledMember) -> str:
    """Say how a damaged package is installed again."""
    wanted = f"{source.distribution}=={source.version}"
    return f"Install the package again: pip install --force-reinstall --no-deps {wanted}"
