"""Videos of an object store, as files while they are read."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from yolo_fer.archive.sources import Source
from yolo_fer.errors import FileFault
from yolo_fer.inputs.object_store import copy_object


class NotFetchedError(Exception):
    """A video that its store does not give.

    Args:
        reason: the key by which it is counted.
        message: what is wrong, for a person.
    """

    def __init__(self, reason: FileFault, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@contextmanager
def as_file(source: Source) -> Iterator[Source]:
    """Give a video a path while the block runs: one of an object store is copied.

    Raises:
        NotFetchedError: if its store does not give it.
        OSError: if there is no room for the copy.
    """
    if not source.is_object:
        yield source
        return
    with TemporaryDirectory(prefix="yolo-fer-") as folder:
        path = Path(folder) / f"video{source.path.suffix}"
        try:
            copy_object(source.name, path)
        except FileNotFoundError as error:
            raise NotFetchedError(
                FileFault.MISSING_VIDEO, f"{source.name}: {error.strerror}"
            ) from error
        except OSError as error:
            if error.errno == errno.ENOSPC:  # of this machine, and not of this video
                raise
            text = f"{source.name}: it cannot be read ({error.strerror})"
            raise NotFetchedError(FileFault.UNREADABLE_VIDEO, text) from error
        yield replace(source, path=path)
