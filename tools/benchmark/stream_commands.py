"""Commands that measure what is done with the frames of a stream."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tools.benchmark.figures import Figure
from tools.benchmark.options import InputSize, Repeats, Report, Threads, Weights, network
from yolo_fer.cli.option_groups import with_groups


@with_groups
def stream(
    *,
    weights: Weights = None,
    imgsz: InputSize = 320,
    threads: Threads = 1,
    number: Annotated[int, typer.Option("--frames", min=10, help="Of the stream.")] = 20_000,
    report: Report,
) -> None:
    """Memory of a long stream that is predicted, tracked and smoothed."""
    from tools.benchmark.stream_memory import stream_memory

    report.of(lambda _: [stream_memory(network(weights), number, imgsz, threads)])


@with_groups
def tracking(*, repeats: Repeats = 5, report: Report) -> None:
    """Identities of faces in made crowds, compared with the usual trackers."""
    from tools.benchmark.tracking import tracking as compare_trackers

    report.of(lambda _: compare_trackers(repeats))


@with_groups
def smoothing(
    *,
    affwild2: Annotated[
        Path | None,
        typer.Option(help="Labelled videos in Aff-Wild2's layout; without it, some are drawn."),
    ] = None,
    weights: Weights = None,
    seconds: Annotated[
        float | None, typer.Option(help="As --smooth of predict; without it, what that takes.")
    ] = None,
    drawn: Annotated[int, typer.Option(min=1, help="Videos to draw.")] = 3,
    report: Report,
) -> None:
    """Label changes a second and accuracy, with and without averaging over time."""
    from tools.benchmark.drawn_expressions import write_expressions
    from tools.benchmark.smoothing import smoothing as compare_labels
    from yolo_fer.detector import Detector
    from yolo_fer.predict.smoothing import SECONDS

    def measure(folder: Path) -> list[Figure]:
        if affwild2 is None:
            write_expressions(folder / "release", drawn, 12)
        detector = Detector(network(weights))
        return compare_labels(affwild2 or folder / "release", detector, seconds or SECONDS)

    report.of(measure)
