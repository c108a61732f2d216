"""Commands that measure conversions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tools.benchmark.figures import Figure
from tools.benchmark.options import Expw, Images, Repeats, Report, Workers, draw
from yolo_fer.cli.option_groups import with_groups
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.runtime.executor import default_workers


@with_groups
def convert(
    *,
    expw: Expw = None,
    images: Images = 400,
    repeats: Repeats = 5,
    workers: Workers = 0,
    only: Annotated[Unlabelled | None, typer.Option(help="Measure only keep or only mask.")] = None,
    report: Report,
) -> None:
    """Conversion compared with bare loops over the same files with as many processes."""
    from tools.benchmark.conversion import COMPARISONS, compare

    def measure(folder: Path) -> list[Figure]:
        root = expw or draw(folder, images)
        processes = workers or default_workers()
        modes = COMPARISONS if only is None else (only,)
        return [compare(mode, root, folder, processes, repeats) for mode in modes]

    report.of(measure)


@with_groups
def memory(
    *,
    expw: Annotated[
        Path | None, typer.Option(help="A folder in ExpW's layout; without it, one is made.")
    ] = None,
    rows: Annotated[int, typer.Option(min=1, help="Of label.lst; ExpW has so many.")] = 91_793,
    near: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the images that show one picture.")
    ] = 0.1,
    unlabelled: Annotated[Unlabelled, typer.Option(help="As in convert.")] = Unlabelled.KEEP,
    workers: Workers = 0,
    report: Report,
) -> None:
    """Memory of a conversion of ExpW's size, in the main process and in each worker."""
    from tools.benchmark.memory import measure_memory, memory_figures, write_large_expw

    def measure(folder: Path) -> list[Figure]:
        processes = workers or default_workers()
        if expw is None:
            write_large_expw(folder / "large", rows, near)
        root = expw or folder / "large"
        measured = measure_memory(root, folder / "out", unlabelled, processes)
        images = f"{measured.images} images"
        if expw is None:
            images += f" of which {near:.0%} show one picture"
        setting = (
            f"--unlabelled {unlabelled}, {measured.rows} rows, {images}, {processes} processes, "
            f"{measured.seconds:.0f} s"
        )
        return memory_figures(measured, setting)

    report.of(measure)


@with_groups
def videos(
    *,
    affwild2: Annotated[
        Path | None, typer.Option(help="A release of Aff-Wild2; without it, one is drawn.")
    ] = None,
    frames: Annotated[int, typer.Option(min=1, help="Of each of four drawn videos.")] = 150,
    long: Annotated[int, typer.Option(help="Frames of a long 1080p video; 0 leaves it out.")] = 0,
    repeats: Repeats = 5,
    workers: Workers = 0,
    report: Report,
) -> None:
    """Conversion of videos compared with a bare loop, and the memory that a long one takes."""
    from tools.benchmark import video_conversion

    def measure(folder: Path) -> list[Figure]:
        if affwild2 is None:
            video_conversion.write_release(folder / "release", 4, frames, 640, 360)
        root = affwild2 or folder / "release"
        processes = workers or default_workers()
        figures = [video_conversion.compare_videos(root, folder, processes, repeats)]
        if long:
            video_conversion.write_release(folder / "long", 1, long, 1920, 1080)
            figures += video_conversion.measure_long_video(folder / "long", folder / "out")
        return figures

    report.of(measure)
