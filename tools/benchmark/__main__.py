"""Measure yolo-fer's speed goals on this machine and say which are met."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from tools.benchmark.figures import Figure, print_table, write_json, write_markdown
from yolo_fer.cli.console import print_error
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.errors import YoloFerError
from yolo_fer.evaluate.environment import environment
from yolo_fer.runtime.executor import default_workers
from yolo_fer.synthetic.drawn_expw import write_expw

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)

Expw: TypeAlias = Annotated[
    Path | None, typer.Option(help="A folder in ExpW's layout; without it, scenes are drawn.")
]
Images: TypeAlias = Annotated[int, typer.Option(min=1, help="Scenes to draw.")]
Repeats: TypeAlias = Annotated[int, typer.Option(min=1, help="Repetitions that count.")]
Scratch: TypeAlias = Annotated[
    Path | None, typer.Option(help="Where temporary files go; the disk is part of the measure.")
]
Markdown: TypeAlias = Annotated[Path | None, typer.Option(help="Write the table to this file.")]
Json: TypeAlias = Annotated[
    Path | None, typer.Option("--json", help="Write every repetition to this file.")
]
Weights: TypeAlias = Annotated[
    Path | None, typer.Option(help="An ONNX file; without it, the one that comes with yolo-fer.")
]
InputSize: TypeAlias = Annotated[
    int, typer.Option("--imgsz", min=32, help="Longer side of the network's input, in pixels.")
]
Threads: TypeAlias = Annotated[int, typer.Option(min=1, help="Of the networks, on both sides.")]
FrameSize: TypeAlias = Annotated[
    tuple[int, int], typer.Option(help="Width and height of the frames.")
]
Workers: TypeAlias = Annotated[int, typer.Option(min=0, help="Processes; 0 takes one per core.")]


@app.command()
def convert(
    expw: Expw = None,
    images: Images = 400,
    repeats: Repeats = 5,
    workers: Workers = 0,
    only: Annotated[Unlabelled | None, typer.Option(help="Measure only keep or only mask.")] = None,
    scratch: Scratch = None,
    markdown: Markdown = None,
    json_file: Json = None,
) -> None:
    """Conversion compared with bare loops over the same files with as many processes."""
    from tools.benchmark.conversion import COMPARISONS, compare

    def measure(folder: Path) -> list[Figure]:
        root = expw or _draw(folder, images)
        processes = workers or default_workers()
        modes = COMPARISONS if only is None else (only,)
        return [compare(mode, root, folder, processes, repeats) for mode in modes]

    _report(measure, scratch, markdown, json_file)


@app.command()
def memory(
    expw: Annotated[
        Path | None, typer.Option(help="A folder in ExpW's layout; without it, one is made.")
    ] = None,
    rows: Annotated[int, typer.Option(min=1, help="Of label.lst; ExpW has so many.")] = 91_793,
    near: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the images that show one picture.")
    ] = 0.1,
    unlabelled: Annotated[Unlabelled, typer.Option(help="As in convert.")] = Unlabelled.KEEP,
    workers: Workers = 0,
    scratch: Scratch = None,
    markdown: Markdown = None,
    json_file: Json = None,
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

    _report(measure, scratch, markdown, json_file)


@app.command()
def videos(
    affwild2: Annotated[
        Path | None, typer.Option(help="A release of Aff-Wild2; without it, one is drawn.")
    ] = None,
    frames: Annotated[int, typer.Option(min=1, help="Of each of four drawn videos.")] = 150,
    long: Annotated[int, typer.Option(help="Frames of a long 1080p video; 0 leaves it out.")] = 0,
    repeats: Repeats = 5,
    workers: Workers = 0,
    scratch: Scratch = None,
    markdown: Markdown = None,
    json_file: Json = None,
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

    _report(measure, scratch, markdown, json_file)


@app.command()
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
        source = folder or _draw(temporary, images)
        network = weights or default_detector()
        return [predicting(source, network, temporary, threads, imgsz, repeats)]

    _report(measure, scratch, markdown, json_file)


@app.command()
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

    _report(measure, scratch, markdown, json_file)


@app.command()
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

    _report(
        lambda _: compare_files(weights, imgsz, threads, size, repeats),
        scratch,
        markdown,
        json_file,
    )


@app.command()
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
    _report(
        lambda folder: compare_with_two_stage(network, imgsz, threads, size, folder, repeats),
        scratch,
        markdown,
        json_file,
    )


@app.command()
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
    _report(
        lambda _: [stream_memory(network, number, imgsz, threads)], scratch, markdown, json_file
    )


@app.command()
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
        image = sorted(_draw(folder, images=1).rglob("*.jpg"))[0]
        network = weights or default_detector()
        return [help_text(repeats), first_prediction(image, network, repeats)]

    _report(measure, scratch, markdown, json_file)


@app.command()
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
        files = sorted(_draw(folder, images).rglob("*.jpg"))
        return serving(files, weights or default_detector(), clients, seconds, threads)

    _report(measure, scratch, markdown, json_file)


@app.command()
def tracking(
    repeats: Repeats = 5,
    scratch: Scratch = None,
    markdown: Markdown = None,
    json_file: Json = None,
) -> None:
    """Identities of faces in made crowds, compared with the usual trackers."""
    from tools.benchmark.tracking import tracking as compare_trackers

    _report(lambda _: compare_trackers(repeats), scratch, markdown, json_file)


@app.command()
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

    _report(measure, scratch, markdown, json_file)


def _draw(folder: Path, images: int) -> Path:
    root = folder / "drawn"
    write_expw(root, images, seed=0)
    return root


def _report(
    measure: Callable[[Path], list[Figure]],
    scratch: Path | None,
    markdown: Path | None,
    json_file: Path | None,
) -> None:
    where = environment()
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        figures = measure(Path(folder))
    print_table(figures, where)
    if markdown is not None:
        write_markdown(markdown, figures, where)
    if json_file is not None:
        write_json(json_file, figures, where)


if __name__ == "__main__":
    try:
        app()
    except YoloFerError as error:
        print_error(str(error))
        sys.exit(1)
