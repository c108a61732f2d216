"""Commands that measure what is done with the frames of a stream."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tools.benchmark.figures import Figure
from tools.benchmark.options import (
    InputSize,
    Json,
    Markdown,
    Repeats,
    Scratch,
    Threads,
    Weights,
    report,
)


def stream(
    weights: Weights = None,
    imgsz: InputSize = 320,
    threads: Threads = 1,
    number: Annotated[int, typer.Option("--frames", min=10, help="Of the stream.")] = 20_000,
    scratch: Scratch = None,
    markdown: Markdown = None,
    json_file: Json = None,
) -> None:
    """Memory of a long stream that is predicted, tracked and smoothed."""
    from tools.benchmark.stream_memory import stream_memory
    from yolo_fer.weights.store import default_detector

    network = weights or default_detector()
    report(lambda _: [stream_memory(network, number, imgsz, threads)], scratch, markdown, json_file)


def tracking(
    repeats: Repeats = 5,
    scratch: Scratch = None,
    markdown: Markdown = None,
    json_file: Json = None,
) -> None:
    """Identities of faces in made crowds, compared with the usual trackers."""
    from tools.benchmark.tracking import tracking as compare_trackers

    report(lambda _: compare_trackers(repeats), scratch, markdown, json_file)


def smoothing(
    affwild2: Annotated[
        Path | None,
        typer.Option(help="Labelled videos in Aff-Wild2's layout; without it, some are drawn."),
    ] = None,
    weights: Weights = None,
    seconds: Annotated[
        float | None, typer.Option(help="As --smooth of predict; without it, what that takes.")
    ] = None,
    drawn: Annotated[int, typer.Option(min=1, help="Videos to draw.")] = 3,
    scratch: Scratch = None,
    markdown: Markdown = None,
    json_file: Json = None,
) -> None:
    """Label changes a second and accuracy, with and without averaging over time."""
    from tools.benchmark.drawn_expressions import write_expressions
    from tools.benchmark.smoothing import smoothing as compare_labels
    from yolo_fer.detector import Detector
    from yolo_fer.predict.smoothing import SECONDS
    from yolo_fer.weights.store import default_detector

    def measure(folder: Path) -> list[Figure]:
        if affwild2 is None:
            write_expressions(folder / "release", drawn, 12)
        detector = Detector(weights or default_detector())
        return compare_labels(affwild2 or folder / "release", detector, seconds or SECONDS)

    report(measure, scratch, markdown, json_file)
