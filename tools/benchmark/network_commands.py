"""Commands that measure networks, and prediction with them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tools.benchmark.figures import Figure
from tools.benchmark.options import (
    FrameSize,
    Images,
    InputSize,
    Json,
    Markdown,
    Repeats,
    Scratch,
    Threads,
    Weights,
    draw,
    report,
)


def predict(
    folder: Annotated[
        Path | None, typer.Option(help="Images to predict; without it, scenes are drawn.")
    ] = None,
    weights: Weights = None,
    imgsz: Annotated[int | None, typer.Option(help="Longer side of the input, in pixels.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Of ONNX Runtime, on both sides.")] = 1,
    images: Images = 400,
    repeats: Repeats = 5,
    scratch: Scratch = None,
    markdown: Markdown = None,
    json_file: Json = None,
) -> None:
    """Prediction of a folder compared with decoding and the bare network."""
    from tools.benchmark.prediction import predicting
    from yolo_fer.weights.store import default_detector

    def measure(temporary: Path) -> list[Figure]:
        source = folder or draw(temporary, images)
        network = weights or default_detector()
        return [predicting(source, network, temporary, threads, imgsz, repeats)]

    report(measure, scratch, markdown, json_file)


def frames(
    weights: Weights = None,
    imgsz: InputSize = 320,
    threads: Threads = 1,
    size: FrameSize = (640, 480),
    repeats: Repeats = 15,
    scratch: Scratch = None,
    markdown: Markdown = None,
    json_file: Json = None,
) -> None:
    """Speed in memory: compared with the bare network, and of twenty faces compared with one."""
    from tools.benchmark.frames import compare_many_faces_with_one, compare_with_bare_network
    from yolo_fer.weights.store import default_detector

    network = weights or default_detector()

    def measure(_: Path) -> list[Figure]:
        figures = compare_with_bare_network(network, imgsz, threads, size, repeats)
        return [*figures, compare_many_faces_with_one(network, imgsz, threads, size, repeats)]

    report(measure, scratch, markdown, json_file)


def runtimes(
    weights: Annotated[
        list[Path], typer.Argument(help="Files of one network; the first is compared with.")
    ],
    imgsz: InputSize = 320,
    threads: Threads = 1,
    size: FrameSize = (640, 480),
    repeats: Repeats = 15,
    scratch: Scratch = None,
    markdown: Markdown = None,
    json_file: Json = None,
) -> None:
    """Runtimes and precisions of one network, frames in memory through each."""
    from tools.benchmark.frames import runtimes as compare_files

    report(
        lambda _: compare_files(weights, imgsz, threads, size, repeats),
        scratch,
        markdown,
        json_file,
    )


def two_stage(
    weights: Weights = None,
    imgsz: InputSize = 320,
    threads: Threads = 1,
    size: FrameSize = (640, 480),
    repeats: Repeats = 7,
    scratch: Scratch = None,
    markdown: Markdown = None,
    json_file: Json = None,
) -> None:
    """Two-stage systems compared with the detector, at 1, 5 and 20 faces.

    A face finder whose weights are not here is left out; see yolo-fer weights list.
    """
    from tools.benchmark.two_stage import compare_with_two_stage
    from yolo_fer.weights.store import default_detector

    network = weights or default_detector()
    report(
        lambda folder: compare_with_two_stage(network, imgsz, threads, size, folder, repeats),
        scratch,
        markdown,
        json_file,
    )


def start(
    weights: Weights = None,
    repeats: Repeats = 5,
    scratch: Scratch = None,
    markdown: Markdown = None,
    json_file: Json = None,
) -> None:
    """Seconds until the help stands there, and until the first image is predicted."""
    from tools.benchmark.start import first_prediction, help_text
    from yolo_fer.weights.store import default_detector

    def measure(folder: Path) -> list[Figure]:
        image = sorted(draw(folder, images=1).rglob("*.jpg"))[0]
        network = weights or default_detector()
        return [help_text(repeats), first_prediction(image, network, repeats)]

    report(measure, scratch, markdown, json_file)


def serve(
    weights: Weights = None,
    clients: Annotated[int, typer.Option(min=1, help="Who send images at once.")] = 20,
    seconds: Annotated[float, typer.Option(min=1, help="How long they do.")] = 60,
    threads: Threads = 1,
    images: Annotated[int, typer.Option(min=1, help="Scenes to draw and send.")] = 20,
    scratch: Scratch = None,
    markdown: Markdown = None,
    json_file: Json = None,
) -> None:
    """Many clients of yolo-fer serve compared with a bare detector in this process."""
    from tools.benchmark.serving import serving
    from yolo_fer.weights.store import default_detector

    def measure(folder: Path) -> list[Figure]:
        files = sorted(draw(folder, images).rglob("*.jpg"))
        return serving(files, weights or default_detector(), clients, seconds, threads)

    report(measure, scratch, markdown, json_file)
