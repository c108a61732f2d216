"""Which source a worker was at when it died, as it wrote it down itself."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Self

_DEATHS = 2  # of workers at a source, after which it is given up
_WIDTH = 8


class Tries:
    """A line for each time that a job was tried, with the index of the source that it was at.

    A line is overwritten in its place for each source, which costs microseconds; it is in the
    system's hands when the process dies. A job that is finished removes the file.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        """Begin the line of a new try."""
        binary: int = getattr(os, "O_BINARY", 0)  # of Windows
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | binary, 0o666)
        self._start = os.lseek(self._file, 0, os.SEEK_END) // (_WIDTH + 1) * (_WIDTH + 1)
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        os.close(self._file)

    def at(self, index: int) -> None:
        """Write down which source is next."""
        with suppress(OSError):  # a full disk: whoever dies now is just not known
            os.lseek(self._file, self._start, os.SEEK_SET)
            os.write(self._file, b"%*d\n" % (_WIDTH, index))


def killer(path: Path) -> int | None:
    """Return the source at which the workers of a job died twice, None if there is none."""
    try:
        lines = path.read_bytes().split()
    except OSError:
        return None
    for index, deaths in Counter(lines).most_common(1):
        return int(index) if deaths >= _DEATHS else None
    return None
