"""The sources of an archive, and the jobs that they are shared out in."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from yolo_fer.paths import encoded, portable

_NAME_LENGTH = 48
_no_file = (-1, -1)


@dataclass(frozen=True, slots=True)
class Source:
    """An image, a video, or a folder that could not be searched.

    Args:
        path: its absolute path.
        name: what results call it: the file as the user named it, for a folder the folder as named
            and the POSIX path below it.
        kind: `image`, `video` or `folder`.
        signature: its size and the time of its last change when it was found.
        problem: why it cannot be read, None if that has to be seen.
        is_object: it lies in an object store, under its name; then `path` is none of a file.
    """

    path: Path
    name: str
    kind: str
    signature: tuple[int, int] = _no_file
    problem: str | None = None
    is_object: bool = False

    @property
    def is_there(self) -> bool:
        """Whether it was there when it was found, and is no folder that could not be searched."""
        return self.problem is None and (self.is_object or self.signature != _no_file)

    @property
    def has_changed(self) -> bool:
        """Whether it is another one than when it was found.

        An object is read as a whole, and a newer one is found when its folder is listed again.
        """
        return (
            self.kind != "folder"
            and not self.is_object
            and signature_of(self.path) != self.signature
        )


def signature_of(path: Path) -> tuple[int, int]:
    """Return what tells whether a file has changed: its size, and when it was changed last."""
    try:
        found = path.stat()
    except OSError:
        return _no_file
    return found.st_size, found.st_mtime_ns


@dataclass(frozen=True, slots=True)
class Job:
    """The sources that one worker predicts at a time, and writes to files of one name.

    Args:
        sources: one video, one folder that cannot be searched, or images.
        given_up: the indexes of sources that are not to be tried again.
        one_by_one: read each image only when its turn comes, so that a worker that dies tells at
            which it was.
    """

    sources: tuple[Source, ...]
    given_up: frozenset[int] = frozenset()
    one_by_one: bool = False

    @property
    def name(self) -> str:
        """The name of its files: that of the first source, and a hash of what all of them are.

        A source that changes or is added makes another job, so that files of this name are never
        those of another content.
        """
        first = portable(self.sources[0].name)
        # Readers of a folder leave out what starts with `_` or `.`.
        plain = re.sub(r"[^\w-]+", "_", first)[-_NAME_LENGTH:].lstrip("_-")
        return f"{plain or 'source'}-{self.digest:016x}"

    @property
    def digest(self) -> int:
        """The hash in its name."""
        known = hashlib.sha256()
        for source in self.sources:
            known.update(encoded(f"{source.name}\0{source.kind}\0{source.signature}\0"))
        return int.from_bytes(known.digest()[:8])
