"""What every command prints with: results to standard output, everything else to standard error."""

from __future__ import annotations

import errno
import os
import sys
import time
import traceback
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO, TypeVar

import typer

from yolo_fer.cli.flags import in_flags
from yolo_fer.errors import UsageError, YoloFerError, YoloFerWarning
from yolo_fer.inputs.addresses import hide_passwords

if TYPE_CHECKING:
    from yolo_fer.detector import Detector
    from yolo_fer.systems import SystemOptions
    from yolo_fer.two_stage.system import FaceSystem

T = TypeVar("T")
_ADVICE = {
    errno.ENOSPC: "; make room there, or write to another disk",
    errno.EDQUOT: "; make room there, or write to another disk",
    errno.EROFS: "; write to another place",
    errno.EACCES: "; you may not use it: change its permissions, or choose another place",
    errno.ENAMETOOLONG: "; give a shorter one",
}


@dataclass(slots=True)
class _Loudness:
    """How much is said beside results, warnings and errors: by the running command."""

    quiet: bool = False
    verbose: bool = False


_loudness = _Loudness()


def set_loudness(*, quiet: bool = False, verbose: bool = False) -> None:
    """Choose how much `say`, `say_more` and progress bars show, and what an error shows."""
    _loudness.quiet, _loudness.verbose = quiet, verbose


def is_quiet() -> bool:
    """Tell whether only results, warnings and errors are printed."""
    return _loudness.quiet


def is_verbose() -> bool:
    """Tell whether more is printed than most people want to know."""
    return _loudness.verbose


def say(message: str) -> None:
    """Print what is no result, such as where results lie, to standard error; not with `-q`."""
    if not _loudness.quiet:
        typer.echo(hide_passwords(message), err=True)


def say_more(message: str) -> None:
    """Print what most people do not want to know to standard error; only with `-v`."""
    if _loudness.verbose:
        typer.secho(hide_passwords(message), dim=True, err=True)


def load_system(options: SystemOptions) -> Detector | FaceSystem:
    """Load a detector or a two-stage system; with `-v`, print which, and how it is used."""
    start = time.perf_counter()
    system = options.load()
    say_more(
        f"{system.name}: loaded in {time.perf_counter() - start:.1f} s, longer side "
        f"{system.imgsz or 'as it comes'}, threshold {system.conf:.3g}, at most "
        f"{system.max_faces} faces"
    )
    return system


def print_error(message: str) -> None:
    """Print one error message to standard error, without the passwords of addresses."""
    typer.secho(f"error: {hide_passwords(in_flags(message))}", fg=typer.colors.RED, err=True)


@contextmanager
def errors_as_status() -> Iterator[None]:
    """Print an error of ours, or what the system refuses, and exit: 2 for wrong usage, else 1."""
    try:
        yield
    except YoloFerError as error:
        _show_origin()
        print_error(str(error))
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except BrokenPipeError:
        raise  # no failure: whoever reads standard output has had enough
    except OSError as error:
        if error.errno is None:
            raise
        _show_origin()
        # A full or read-only disk, no permission, a name that is too long: none is a fault of ours.
        print_error(f"{_place(error)}{error.strerror}{_ADVICE.get(error.errno, '')}")
        sys.exit(1)


def _show_origin() -> None:
    """Print where in the code the error arose that is being handled; only with `-v`."""
    say_more(traceback.format_exc().rstrip())


def _place(error: OSError) -> str:
    names = (name for name in (error.filename, error.filename2) if isinstance(name, str | bytes))
    return "".join(f"{os.fsdecode(name)}: " for name in list(names)[:1])


def print_warning(message: str) -> None:
    """Print one warning to standard error."""
    message = hide_passwords(in_flags(message))
    typer.secho(f"warning: {message}", fg=typer.colors.YELLOW, err=True)


def print_our_warnings() -> None:
    """Print every `YoloFerWarning` as a message of the command line, from here on."""
    print_others = warnings.showwarning

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if issubclass(category, YoloFerWarning):
            print_warning(str(message))
        else:
            print_others(message, category, filename, lineno, file, line)

    warnings.showwarning = show


def may_show_progress(uses_stdout: bool) -> bool:
    """Tell whether a progress bar would be seen, and not be torn by results on the same screen.

    Args:
        uses_stdout: results go to standard output while the bar is there.
    """
    if _loudness.quiet:
        return False
    return sys.stderr.isatty() and not (uses_stdout and sys.stdout.isatty())


def progress(items: Iterable[T], description: str, total: int | None) -> Iterator[T]:
    """Yield the items behind a Rich progress bar on standard error; without one with `-q`."""
    if _loudness.quiet:
        yield from items
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    # Rich would send what is printed meanwhile to the bar's stream: results belong on stdout.
    with Progress(*columns, console=Console(stderr=True), redirect_stdout=False) as bar:
        yield from bar.track(items, description=description, total=total)
