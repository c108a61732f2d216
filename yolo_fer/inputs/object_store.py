"""Files of an object store, `s3://bucket/folder`: only what a user names is looked at.

The user's own environment and configuration say who may read them, as for every other tool of
that store; no key is an argument here or part of an address.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from yolo_fer.errors import MissingExtraError, UsageError
from yolo_fer.inputs.addresses import scheme, without_password

_SCHEME = "s3"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as its store lists it.

    Args:
        address: `s3://bucket/key`.
        size: in bytes.
        changed_ns: when it was last written, in nanoseconds since 1970.
    """

    address: str
    size: int
    changed_ns: int


def is_object(source: str) -> bool:
    """Tell whether a source is the address of an object store.

    >>> is_object("s3://lab/films"), is_object("films")
    (True, False)
    """
    return scheme(source) == _SCHEME


def check_object_address(address: str) -> None:
    """Make sure that what an address names can be read.

    Raises:
        UsageError: if it names no bucket, or says who reads it.
        MissingExtraError: if the package for it is missing.
    """
    bucket = address.partition("://")[2].partition("/")[0]
    if not bucket:
        raise UsageError(f"{address}: this names no bucket; give s3://bucket/folder")
    if "@" in bucket:
        raise UsageError(
            f"{without_password(address)}: keys are no part of an address; the store takes them "
            "from your environment (AWS_PROFILE, AWS_ACCESS_KEY_ID …)"
        )
    require_store()


def require_store() -> None:
    """Make sure that object stores can be read.

    Raises:
        MissingExtraError: if the package for it is missing.
    """
    if find_spec("s3fs") is None:
        raise MissingExtraError("s3fs", "s3", "reading s3://")


def objects_below(address: str, unreadable: Callable[[OSError], None]) -> Iterator[StoredObject]:
    """Yield the objects below an address, sorted folder by folder; or the one that it names.

    Only the names of one folder are held at a time.

    Args:
        address: `s3://bucket`, `s3://bucket/folder` or `s3://bucket/key`.
        unreadable: is given the error of each folder that cannot be listed, with its address.
    """
    folders = [address.rstrip("/")]
    while folders:
        folder = folders.pop()
        try:
            with _plain_errors(folder):
                entries = sorted(_store().ls(folder, detail=True), key=lambda entry: entry["name"])
        except OSError as error:
            unreadable(error)
            continue
        below = []
        for entry in entries:
            name = f"{_SCHEME}://{entry['name']}"
            if entry["type"] != "directory":
                if not name.endswith("/"):  # else it only stands for a folder without objects
                    changed = int(entry["LastModified"].timestamp() * 1000) * 1_000_000
                    yield StoredObject(name, int(entry["size"]), changed)
            elif name.endswith("/"):
                unreadable(OSError(errno.EINVAL, "a folder without a name", name))
            else:
                below.append(name)
        folders += reversed(below)


def read_object(address: str, most: int) -> bytes:
    """Return an object, or its first bytes if it is larger.

    Args:
        address: the address of the object.
        most: the most bytes that are returned.

    Raises:
        OSError: if it cannot be read; FileNotFoundError if it is not there.
    """
    with _plain_errors(address):
        try:
            return bytes(_store().cat_file(address, start=0, end=most))
        except OSError as error:
            if error.errno == errno.EINVAL:  # an empty object has no byte in any range
                return b""
            raise


def copy_object(address: str, target: Path) -> None:
    """Copy an object to a file.

    Raises:
        OSError: if it cannot be read or written; FileNotFoundError if it is not there.
    """
    with _plain_errors(address):
        _store().get_file(address, str(target))


@lru_cache(maxsize=1)
def _store() -> Any:
    import fsspec

    return fsspec.filesystem(_SCHEME, use_listings_cache=False)  # which grows with the archive


@contextmanager
def _plain_errors(address: str) -> Iterator[None]:
    """Raise what the store says as an `OSError` that names the address."""
    from botocore.exceptions import BotoCoreError

    try:
        yield
    except FileNotFoundError as error:
        raise FileNotFoundError(errno.ENOENT, "there is no such object", address) from error
    except OSError as error:
        text = error.strerror or str(error) or type(error).__name__
        raise OSError(error.errno or errno.EIO, text, address) from error
    except BotoCoreError as error:  # no keys, no network
        raise OSError(errno.EIO, str(error), address) from error
