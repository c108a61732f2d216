"""How large an archive is, counted while it is predicted; good for a progress bar only."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from yolo_fer.inputs.file_kinds import FileKind, kind_of_name
from yolo_fer.inputs.object_store import is_object, objects_below
from yolo_fer.inputs.walking import has_wildcard, matches_of, walk
from yolo_fer.paths import exists


class Census:
    """Counts files that are named as images or videos, in a thread of its own.

    Args:
        sources: files, folders and patterns.

    Attributes:
        files: how many there are so far.
        bytes: their size.
        is_over: whether these are all.
    """

    def __init__(self, sources: Sequence[str]) -> None:
        self.files = self.bytes = 0
        self.is_over = False
        self._sources = sources
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        for source in self._sources:
            if is_object(source):
                for item in objects_below(source, unreadable=lambda _: None):
                    if kind_of_name(item.address) is not FileKind.OTHER:
                        self.bytes += item.size
                        self.files += 1
        for path in self._paths():
            with suppress(OSError):  # whoever predicts it says what is wrong
                self.bytes += path.stat().st_size
                self.files += 1
        self.is_over = True

    def _paths(self) -> Iterator[Path]:
        for source in self._sources:
            if is_object(source):
                continue
            path = Path(source)
            if exists(path) and not path.is_dir():
                yield path
            elif not exists(path) and has_wildcard(source):
                yield from matches_of(source)[1]
            for folder, _, names in walk(path, unreadable=lambda _: None):
                yield from (folder / n for n in names if kind_of_name(n) is not FileKind.OTHER)
