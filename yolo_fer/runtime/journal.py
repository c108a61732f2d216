"""A file of finished work, appended to as it is done, so that a killed conversion can go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Self


class Journal:
    """JSON lines under keys; what a kill cut short is left out when it is read again.

    Args:
        path: the path of the file; it is made, or continued if it exists.

    Example:
        >>> import tempfile
        >>> with (
        ...     tempfile.TemporaryDirectory() as folder,
        ...     Journal(Path(folder, "scans.jsonl")) as journal,
        ... ):
        ...     if journal.get("0") is None:
        ...         journal.put("0", {"faces": 3})
        ...     journal.get("0")
        {'faces': 3}
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offsets: dict[str, tuple[int, int]] = {}
        self._file: IO[bytes]

    def __enter__(self) -> Self:
        self._path.touch()
        whole = 0
        for start, line in _whole_lines(self._path):
            try:
                key = json.loads(line)[0]
            except ValueError:  # zeros, which a power cut may leave: what follows is done again
                break
            self._offsets[key] = (start, len(line))
            whole = start + len(line)
        self._file = self._path.open("r+b")
        self._file.truncate(whole)
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def get(self, key: str) -> Any | None:
        """Return what was put under a key, None if nothing was."""
        if key not in self._offsets:
            return None
        start, length = self._offsets[key]
        self._file.seek(start)
        return json.loads(self._file.read(length))[1]

    def put(self, key: str, value: Any) -> None:
        """Append a value; it is on its way to the disk when this returns."""
        line = json.dumps([key, value], ensure_ascii=True).encode() + b"\n"
        start = self._file.seek(0, 2)
        self._file.write(line)
        self._file.flush()
        self._offsets[key] = (start, len(line))


def _whole_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    start = 0
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            yield start, line
            start += len(line)
