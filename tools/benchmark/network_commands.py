"""Commands that measure networks, and prediction with them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tools.benchmark.figures import Figure
from tools.benchmark.options import Frames, Images, Repeats, Report, Threads, Weights, draw, network
from yolo_fer.cli.option_groups import with_groups


@with_groups
def predict(
    *,
    folder: Annotated[
        Path | None, typer.Option(help="Images to predict; without it, scenes are drawn.")
    ] = None,
    weights: Weights = None,
    imgsz: Annotated[int | None, typer.Option(help="Longer side of the input, in pixels.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Of ONNX Runtime, on both sides.")] = 1,
    images: Images = 400,
    repeats: Repeats = 5,
    report: Report,
) -> None:
    """Prediction of a folder compared with decoding and the bare network."""
    from tools.benchmark.prediction import predicting

    def measure(temporary: Path) -> list[Figure]:
        source = folder or draw(temporary, images)
        return [predicting(source, network(weights), temporary, threads, imgsz, repeats)]

    report.of(measure)


@with_groups
def frames(
    *,
    weights: Weights = None,
    how: Frames,
    repeats: Repeats = 15,
    report: Report,
) -> None:
    """Speed in memory: compared with the bare network, and of twenty faces compared with one."""
    from tools.benchmark.frames import compare_many_faces_with_one, compare_with_bare_network

    def measure(_: Path) -> list[Figure]:
        figures = compare_with_bare_network(network(weights), how, repeats)
        return [*figures, compare_many_faces_with_one(network(weights), how, repeats)]

    report.of(measure)


@with_groups
def runtimes(
    *,
    weights: Annotated[
        list[Path], typer.Argument(help="Files of one network; the first is compared with.")
    ],
    how: Frames,
    repeats: Repeats = 15,
    report: Report,
) -> None:
    """Runtimes and precisions of one network, frames in memory through each."""
    from tools.benchmark.frames import runtimes as compare_files

    report.of(lambda _: compare_files(weights, how, repeats))


@with_groups
def two_stage(
    *,
    weights: Weights = None,
    how: Frames,
    repeats: Repeats = 7,
    report: Report,
) -> None:
    """Two-stage systems compared with the detector, at 1, 5 and 20 faces.

    A face finder whose weights are not here is left out; see yolo-fer weights list.
    """
    from tools.benchmark.two_stage import compare_with_two_stage

    report.of(lambda folder: compare_with_two_stage(network(weights), how, folder, repeats))


@with_groups
def start(
    *,
    weights: Weights = None,
    repeats: Repeats = 5,
    report: Report,
) -> None:
    """Seconds until the help stands there, and until the first image is predicted."""
    from tools.benchmark.start import first_prediction, help_text

    def measure(folder: Path) -> list[Figure]:
        image = sorted(draw(folder, images=1).rglob("*.jpg"))[0]
        return [help_text(repeats), first_prediction(image, network(weights), repeats)]

    report.of(measure)


@with_groups
def serve(
    *,
    weights: Weights = None,
    clients: Annotated[int, typer.Option(min=1, help="Who send images at once.")] = 20,
    seconds: Annotated[float, typer.Option(min=1, help="How long they do.")] = 60,
    threads: Threads = 1,
    images: Annotated[int, typer.Option(min=1, help="Scenes to draw and send.")] = 20,
    report: Report,
) -> None:
    """Many clients of yolo-fer serve compared with a bare detector in this process."""
    from tools.benchmark.serving import serving

    def measure(folder: Path) -> list[Figure]:
        files = sorted(draw(folder, images).rglob("*.jpg"))
        return serving(files, network(weights), clients, seconds, threads)

    report.of(measure)
