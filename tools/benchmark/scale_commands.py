"""Commands that measure what grows with the number of images, workers and jobs."""

from __future__ import annotations

from typing import Annotated

import typer

from tools.benchmark.options import Images, Repeats, Report
from yolo_fer.cli.option_groups import with_groups


@with_groups
def duplicates(
    *,
    sizes: Annotated[
        list[int] | None, typer.Option("--size", min=1, help="Number of images; may be repeated.")
    ] = None,
    at_once: Annotated[
        int, typer.Option(min=0, help="Images that are checked and merged; 0 leaves it out.")
    ] = 0,
    report: Report,
) -> None:
    """Search for near-duplicates among more and more images, of which only hashes are made.

    A million take one core half an hour, almost all of it for photographs; all cores share it.
    """
    from tools.benchmark.duplicates import duplicates as time_search

    numbers = sorted(sizes or [10_000, 100_000, 1_000_000])
    report.of(lambda _: time_search(numbers, at_once))


@with_groups
def scheduler(
    *,
    jobs: Annotated[int, typer.Option(min=1, help="Jobs that do nothing.")] = 10_000,
    workers: Annotated[int, typer.Option(min=1, help="Processes of the cluster.")] = 2,
    report: Report,
) -> None:
    """Time of a Dask scheduler for each job, on a cluster of this machine."""
    from tools.benchmark.scheduler import scheduler as run_jobs

    report.of(lambda _: run_jobs(jobs, workers))


@with_groups
def rates(
    *,
    frames: Annotated[int, typer.Option(min=1, help="Of each of four drawn videos.")] = 60,
    images: Images = 100,
    repeats: Repeats = 3,
    report: Report,
) -> None:
    """CPU time of a frame and an image, and the bytes that are written of it."""
    from tools.benchmark.rates import rates as measure

    report.of(lambda folder: measure(folder, frames, images, repeats))
