"""What every sink is, and how a failure to write becomes an error that names the file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Protocol, Self

from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.paths import free_name, resolved
from yolo_fer.predict.predicted import Predicted
from yolo_fer.runtime.folder_lock import holds_something


class Sink(Protocol):
    """Takes what was predicted, image by image or frame by frame."""

    def __enter__(self) -> Self:
        """Open it."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""

    def write(self, predicted: Predicted) -> None:
        """Take one image's prediction."""


class FileSink(ABC):
    """A sink that has something left to write at its end."""

    def __enter__(self) -> Self:
        """Open nothing yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Finish the file, also of a run that ended with an error, which is then the one raised."""
        try:
            self.finish()
        except YoloFerError:
            if error is None:
                raise

    @abstractmethod
    def finish(self) -> None:
        """Write what is left and close the file.

        Raises:
            YoloFerError: if it cannot be written.
        """


@contextmanager
def writing(target: Path | str) -> Iterator[None]:
    """Turn a failure to write, such as a full disk, into an error that names the target.

    Raises:
        YoloFerError: for any `OSError` but a broken pipe.
    """
    try:
        yield
    except BrokenPipeError:
        raise  # no failure: the reader of standard output stopped reading
    except OSError as error:
        name = "standard output" if target == "-" else target
        raise YoloFerError(f"{name} cannot be written ({error.strerror or error})") from error


def refuse_existing_file(path: Path, overwrite: bool) -> None:
    """Make sure that a file may be written; a device or a named pipe always may.

    Raises:
        UsageError: if it exists and may not be replaced, or a folder has its name.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder; give the name of a file")
    if not overwrite and path.is_file():
        raise UsageError(f"{path} exists; give another name or `overwrite`")


def refuse_filled_folder(folder: Path, overwrite: bool) -> None:
    """Make sure that a folder may be written to.

    Raises:
        UsageError: if it is no folder, or holds something and nothing may be replaced.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; give the name of a folder")
    if not overwrite and folder.exists() and holds_something(folder):
        raise UsageError(f"{folder} is not an empty folder; give another one or `overwrite`")


def refuse_same_files(targets: Iterable[Path]) -> None:
    """Make sure that no two results go to one file.

    Raises:
        UsageError: if a target is there twice, however its folder is written.
    """
    taken: set[Path] = set()
    for target in (resolved(target.parent) / target.name for target in targets):
        if target in taken:
            raise UsageError(f"{target} would be written twice; give two names")
        taken.add(target)


def refuse_sources(targets: Iterable[Path], sources: Iterable[Path | str]) -> None:
    """Make sure that no file to write is one that is read, under whatever names and links.

    Args:
        targets: the files to write.
        sources: what is read; an address or a camera is no file.

    Raises:
        UsageError: if a target is a source.
    """
    origins = {_identity(Path(source)) for source in sources} - {None}
    for target in targets if origins else ():
        if _identity(target) in origins:
            raise UsageError(
                f"{target} is to be predicted and would be lost; give another name or folder"
            )


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what is the same for all names of a file, None if there is none."""
    for look in (path.stat, path.lstat):  # a link that leads nowhere is a file of its own
        with suppress(OSError, ValueError):  # no name holds a NUL
            found = look()
            return found.st_dev, found.st_ino
    return None


def plan_targets(folder: Path, wanted: Iterable[PurePosixPath], suffix: str) -> list[Path]:
    """Return a path below a folder for each wanted name, with another extension.

    Where two would be the same, letter case aside, the later one gets a number, so that the folder
    can be carried to any file system.
    """
    taken: set[str] = set()
    names = (str(item.parent / item.stem) for item in wanted)
    return [folder / free_name(name, taken, suffix) for name in names]
