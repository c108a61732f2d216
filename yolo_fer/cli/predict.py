"""`yolo-fer predict`: faces and expressions in images."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yolo_fer.cli.console import may_show_progress, print_warning, progress
from yolo_fer.errors import UsageError, YoloFerError

if TYPE_CHECKING:
    from yolo_fer.image_inputs import ImageInput
    from yolo_fer.predicting import Tally
    from yolo_fer.predictions import Prediction
    from yolo_fer.sinks import Sink


def predict(
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE", help="Images, folders, patterns in quotes.")
    ],
    weights: Annotated[
        str | None,
        typer.Option(help="An .onnx or .pt file, an OpenVINO folder, or a name; see weights list."),
    ] = None,
    imgsz: Annotated[
        int | None, typer.Option(help="Longer side of the network's input, in pixels.")
    ] = None,
    conf: Annotated[
        float | None, typer.Option(help="Least score of a face; else what the weights advise.")
    ] = None,
    iou: Annotated[float, typer.Option(help="Boxes that overlap more are one face.")] = 0.5,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:1.")] = "auto",
    threads: Annotated[int | None, typer.Option(help="Threads of the network.")] = None,
    json_lines: Annotated[
        str | None, typer.Option("--json", help="Write JSON lines to a file, or - for stdout.")
    ] = None,
    csv: Annotated[
        str | None, typer.Option(help="Write a row per face to a file, or - for stdout.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(help="Write annotated copies to this new or empty folder.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace results that are there.")
    ] = False,
    trust_weights: Annotated[
        bool, typer.Option("--trust-weights", help="Load a .pt file that can run code.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with status 1 if any image was bad.")
    ] = False,
) -> None:
    """Find every face in images and name its expression.

    Without --json, --csv or --save, a line is printed for each image.
    """
    from yolo_fer.detector import Detector
    from yolo_fer.image_inputs import collect_images
    from yolo_fer.predicting import Tally, predict_images
    from yolo_fer.weights import default_detector

    if json_lines == csv == "-":
        raise UsageError("--json and --csv cannot both write to standard output")
    inputs = collect_images(sources)
    detector = Detector(
        weights or default_detector(),
        imgsz=imgsz,
        conf=conf,
        iou=iou,
        device=device,
        threads=threads,
        trust_weights=trust_weights,
    )
    tally = Tally()
    with ExitStack() as stack:
        sinks = _open_sinks(stack, inputs, json_lines, csv, save, overwrite)
        predicted_images = predict_images(detector, inputs)
        if may_show_progress(uses_stdout=not sinks or "-" in (json_lines, csv)):
            predicted_images = progress(predicted_images, "predict", len(inputs))
        for predicted in predicted_images:
            tally.add(predicted)
            for sink in sinks:
                sink.write(predicted)
            if not sinks:
                typer.echo(_describe(predicted.prediction))
    _report(tally, strict)


def _open_sinks(
    stack: ExitStack,
    inputs: list[ImageInput],
    json_lines: str | None,
    csv: str | None,
    save: Path | None,
    overwrite: bool,
) -> list[Sink]:
    from yolo_fer.sinks import AnnotatedImageSink, CsvSink, JsonLinesSink

    # All are made, and may refuse, before the first is opened and writes.
    sinks: list[Sink] = []
    if json_lines is not None:
        sinks.append(JsonLinesSink(json_lines, overwrite))
    if csv is not None:
        sinks.append(CsvSink(csv, overwrite))
    if save is not None:
        sinks.append(AnnotatedImageSink(save, inputs, overwrite))
    return [stack.enter_context(sink) for sink in sinks]


def _describe(prediction: Prediction) -> str:
    if prediction.error is not None:
        return f"{prediction.source}: unreadable"
    if not prediction.faces:
        return f"{prediction.source}: no face"
    faces = ", ".join(f"{face.emotion.label} {face.score:.2f}" for face in prediction.faces)
    return f"{prediction.source}: {faces}"


def _report(tally: Tally, strict: bool) -> None:
    typer.echo(f"images: {tally.usable}, faces: {tally.faces}", err=True)
    for reason, number in tally.bad.most_common():
        print_warning(f"{number} {reason}, for example {tally.first_bad[reason]}")
    if not tally.usable:
        raise YoloFerError("none of the images could be read")
    if strict and tally.bad:
        raise YoloFerError(f"{tally.bad.total()} of {tally.images} images could not be read")
