"""The folders of results that the page makes for its visitors, and how they are deleted."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.paths import resolved
from yolo_fer.runtime.folder_lock import LOCK_NAME, locked

PREFIX = "yolo-fer-app-"
"""Begins the name of the folder of a page, among the temporary files of this computer."""
FILE_ADDRESS = "/gradio_api/file="
"""Begins the address under which a browser finds a result."""
_STRAY_SECONDS = 60.0


class Results:
    """Folders of results, one for each job of a visitor.

    Their names cannot be guessed: anyone who knows the address of a file can read it.

    Args:
        root: an existing folder that the page may serve; it receives the uploads, too.
        kept_seconds: the seconds after which a result is deleted, even if its visitor stays.
    """

    def __init__(self, root: Path, kept_seconds: float) -> None:
        self._root = root
        self._kept_seconds = kept_seconds
        self._folders: defaultdict[str, list[Path]] = defaultdict(list)
        self._lock = Lock()

    @contextmanager
    def job(self, visitor: str) -> Iterator[Path]:
        """Make a folder that goes again if the job does not come to its end.

        Args:
            visitor: the session that the results are for.
        """
        folder = self._root / secrets.token_urlsafe(24)
        folder.mkdir()
        with self._lock:
            self._folders[visitor].append(folder)
        try:
            yield folder
        except BaseException:  # also a visitor who leaves: GeneratorExit
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def forget(self, visitor: str) -> None:
        """Delete all that was made for a visitor."""
        with self._lock:
            folders = self._folders.pop(visitor, [])
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)

    def forget_old(self) -> None:
        """Delete results that were kept long enough, and the remains of broken uploads."""
        now = time.time()
        for path in sorted(self._root.rglob("*"), reverse=True):  # a folder after its content
            if path == self._root / LOCK_NAME:
                continue
            # Gradio receives uploads here and moves them into folders when they are complete.
            is_stray = path.parent == self._root and not path.is_dir()
            with suppress(OSError):  # gone already, still in use, or a folder with files
                if now - path.stat().st_mtime > (
                    _STRAY_SECONDS if is_stray else self._kept_seconds
                ):
                    path.rmdir() if path.is_dir() else path.unlink()


def remove_left_over(temporary: Path) -> None:
    """Remove the folders of pages that were killed: visitors were promised that they are deleted.

    Args:
        temporary: the folder of temporary files, which others use, too.
    """
    for folder in temporary.glob(f"{PREFIX}*"):
        # A page that runs holds the lock; a folder without one does not belong to a page.
        with suppress(OSError, UsageError):
            is_own = not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()
            if is_own and not folder.is_symlink() and (folder / LOCK_NAME).is_file():
                with locked(folder):
                    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def uploads(files: Iterable[str] | None, root: Path) -> Iterator[list[Path]]:
    """Hand over uploaded files and delete them afterwards, whatever happens.

    Args:
        files: the paths of the uploaded files, as the browser names them.
        root: the root folder of all uploads.

    Raises:
        YoloFerError: if a file lies elsewhere.
    """
    paths = [resolved(Path(file)) for file in files or ()]
    if not all(path.is_relative_to(resolved(root)) for path in paths):
        raise YoloFerError("this file was not uploaded")
    try:
        yield paths
    finally:
        for path in paths:
            path.unlink(missing_ok=True)
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
