"""`yolo-fer predict --out`: an archive, on all cores or a cluster, into one table of faces."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from yolo_fer.cli.console import may_show_progress, print_warning, say
from yolo_fer.cli.interrupts import terminated_like_interrupted
from yolo_fer.cli.predict_options import PredictOptions
from yolo_fer.errors import YoloFerError

if TYPE_CHECKING:
    from pathlib import Path

    from rich.progress import Progress

    from yolo_fer.archive.account import Account
    from yolo_fer.archive.census import Census
    from yolo_fer.archive.job import JobResult


def predict_archive(options: PredictOptions, out: Path) -> None:
    """Predict an archive and print its account."""
    from yolo_fer.archive.run import predict_archive as run
    from yolo_fer.runtime.executor import Compute

    flags = options.archive
    compute = Compute(workers=_workers(options), dask=flags.dask)
    for_archive = options.for_archive()
    try:
        with terminated_like_interrupted(), _shown_progress(options.sources) as progress:
            account = run(
                options.sources,
                out,
                for_archive,
                compute=compute,
                resume=flags.resume,
                overwrite=options.outputs.overwrite,
                told=progress.add,
            )
    except (KeyboardInterrupt, SystemExit):
        typer.echo("stopped; what is done is kept, and --resume goes on with it", err=True)
        raise
    _print(account, out)
    if not account.usable:
        raise YoloFerError("nothing could be read")
    if options.strict and account.failed:
        raise YoloFerError(f"{account.failed.total()} sources could not be read to their end")


def _workers(options: PredictOptions) -> int:
    """Return how many processes this machine has; 0 is one per core, of which a GPU needs one."""
    if options.archive.workers is not None:
        return options.archive.workers
    needs_one = options.archive.dask is not None or options.system.is_on_gpu
    return 1 if needs_one else 0


def _print(account: Account, out: Path) -> None:
    failed = account.failed.total()
    parts = [f"sources: {account.sources} = {account.done} done + {failed} failed"]
    counts = {"images": account.images, "videos": account.videos, "frames": account.frames}
    parts += [f"{name}: {number}" for name, number in counts.items() if number]
    say(f"{', '.join([*parts, f'faces: {account.faces}'])}; results in {out}")
    for line in account.failed.lines():
        print_warning(line)


class _ArchiveProgress:
    """How far an archive is: sources, frames a second and the time that is left.

    Args:
        bars: of Rich; None shows nothing.
        census: how large the archive is.
    """

    def __init__(self, bars: Progress | None, census: Census | None) -> None:
        self._bars, self._census = bars, census
        self._start = time.monotonic()
        self._sources = self._frames = self._bytes = self._kept = 0
        self._task = None if bars is None else bars.add_task("predict", total=None, state="")

    def add(self, result: JobResult) -> None:
        """Count what became of a job."""
        self._kept += result.kept
        self._sources += result.kept + len(result.rows)
        self._frames += sum(row.frames for row in result.rows)
        self._bytes += sum(row.bytes for row in result.rows)
        if self._bars is None or self._task is None or self._census is None:
            return
        total = max(self._census.files, self._sources)
        more = "" if self._census.is_over else " or more"
        rate = self._frames / max(time.monotonic() - self._start, 1e-6)
        state = f"{self._sources} of {total}{more}, {rate:.0f} frames a second{self._left()}"
        self._bars.update(self._task, completed=self._sources, total=total, state=state)

    def _left(self) -> str:
        """Return the time that is left, by the bytes that are: a video takes longer than an image.

        What an earlier run did counts as done at no time.
        """
        assert self._census is not None  # noqa: S101  # the caller has seen to it
        if not (self._census.is_over and self._bytes) or self._sources >= self._census.files:
            return ""
        rest = self._census.bytes * (1 - self._kept / max(self._census.files, 1)) - self._bytes
        seconds = max(0, rest) / self._bytes * (time.monotonic() - self._start)
        return f", {_words(seconds)} left"


def _words(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    return f"{hours} h {rest // 60} min" if hours else f"{rest // 60}:{rest % 60:02d}"


@contextmanager
def _shown_progress(sources: tuple[str, ...]) -> Iterator[_ArchiveProgress]:
    """Show the progress, or nothing where nobody would see it, while the block runs."""
    if not may_show_progress(uses_stdout=False):
        yield _ArchiveProgress(None, None)
        return
    from yolo_fer.archive.census import Census
    from yolo_fer.cli.predict_progress import bars_with_state

    with bars_with_state() as bars:
        yield _ArchiveProgress(bars, Census(sources))
