"""One process at a time writes a folder.

The lock belongs to the process, not to the file: the system lets go of it however the process ends,
so what a killed one leaves behind locks nobody out.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar

from yolo_fer.errors import UsageError
from yolo_fer.paths import resolved

LOCK_NAME = ".lock"
"""In a folder while it is written; its text says by whom."""

P = ParamSpec("P")
R = TypeVar("R")
_held: set[Path] = set()
_changing = threading.Lock()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from writing a folder; it is made if it is not there.

    A folder that cannot be locked (it is a file, its disk is read-only or knows no locks) is not:
    whoever writes there will say what is wrong. One process may lock a folder again.

    Raises:
        UsageError: if another process writes it.
    """
    key = resolved(folder)
    is_new = not folder.exists()
    with _changing:
        descriptor = None if key in _held else _acquire(folder)
        if descriptor is not None:
            _held.add(key)
    try:
        yield
    finally:
        if descriptor is not None:
            with _changing:
                _release(folder / LOCK_NAME, descriptor)
                _held.discard(key)
            if is_new:  # and nothing was written
                with contextlib.suppress(OSError):
                    folder.rmdir()


def locks_out(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function that writes the folder `out`: meanwhile no other process does."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with locked(signature.bind(*args, **kwargs).arguments["out"]):
            return function(*args, **kwargs)

    return run


def holds_something(folder: Path) -> bool:
    """Tell whether there is anything in a folder but its lock."""
    return any(path.name != LOCK_NAME for path in folder.iterdir())


def _acquire(folder: Path) -> int | None:
    """Return the descriptor of the locked file, None if this folder cannot be locked."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o666)
            if not _lock(descriptor):
                holder = os.read(descriptor, 200).decode(errors="replace") or "another process"
                os.close(descriptor)
                raise UsageError(
                    f"{folder} is being written by {holder}; wait for it, or give another folder"
                )
            # Its last holder may have removed the file just before: then it locks nobody out.
            if os.fstat(descriptor).st_nlink:
                os.ftruncate(descriptor, 0)
                os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode())
                return descriptor
            os.close(descriptor)
    except OSError:
        return None


def _release(path: Path, descriptor: int) -> None:
    if sys.platform == "win32":  # an open file cannot be removed there
        os.close(descriptor)
    with contextlib.suppress(OSError):
        path.unlink()
    if sys.platform != "win32":
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Lock a file without waiting; False if another process has locked it.

    Raises:
        OSError: if the file system knows no locks.
    """
    if sys.platform == "win32":
        import msvcrt

        try:
            os.lseek(descriptor, 1 << 30, os.SEEK_SET)  # nobody can read a byte that is locked
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True
    import fcntl

    try:
        # Not flock(), whose locks live on in the processes that were forked meanwhile.
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
