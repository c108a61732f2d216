"""`yolo-fer val`: measuring weights on a dataset, per class."""

from __future__ import annotations

import shlex
import time
from pathlib import Path
from typing import Annotated

import typer

from yolo_fer.cli.completion import detectors
from yolo_fer.cli.console import print_warning, progress, say, say_about_system
from yolo_fer.cli.system_options import MaxFaces, Pipeline, TrustWeights
from yolo_fer.errors import YoloFerError


def val(
    data: Annotated[
        Path, typer.Argument(help="Folder of a set, converted or a plain YOLO one; or its .yaml.")
    ],
    weights: Annotated[
        str | None,
        typer.Option(
            autocompletion=detectors,
            show_default="the shipped detector",
            help="A .onnx, .pt or OpenVINO folder, or a name of `weights list`.",
        ),
    ] = None,
    pipeline: Pipeline = None,
    split: Annotated[str, typer.Option(help="train, val or test.")] = "val",
    imgsz: Annotated[
        int | None,
        typer.Option(min=32, show_default="as trained", help="Longer side of the input."),
    ] = None,
    conf: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            show_default="what the weights advise",
            help="Least score of a face in the figures about which faces are found.",
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N.")] = "auto",
    iou: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, show_default="0.5", help="Boxes that overlap more are one face."
        ),
    ] = None,
    max_faces: MaxFaces = 300,
    batch: Annotated[int, typer.Option(min=1, help="Images that are decoded together.")] = 16,
    out: Annotated[
        Path | None,
        typer.Option(show_default="runs/detect/val, val2, …", help="Folder, new or empty."),
    ] = None,
    bootstrap: Annotated[
        int, typer.Option(min=0, help="Resamples of the 95 % intervals; 0 for no intervals.")
    ] = 1000,
    slice_by: Annotated[
        list[str] | None,
        typer.Option(
            "--slice",
            metavar="COLUMN",
            help="Figures for each value of this column of manifest.csv, too; may be given several "
            "times.",
        ),
    ] = None,
    no_plots: Annotated[bool, typer.Option("--no-plots", help="Draw no pictures.")] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit with status 1 if any image or label row was bad."),
    ] = False,
    trust_weights: TrustWeights = False,
) -> None:
    """Measure weights: average precision per class with intervals, confusion, the worst mistakes.

    All seven scores of a face count as detections, and unlabelled faces are ignored;
    `strict` figures count a detection on such a face as false, as the papers do. There are figures
    by face size, and of finding all faces where those without a label are boxed. Writes
    metrics.json, predictions.json (COCO results) and pictures into a run folder.
    """
    from rich.console import Console

    from yolo_fer.dataset.data_yaml import data_yaml_of
    from yolo_fer.evaluate.evaluate import evaluate
    from yolo_fer.evaluate.report import print_report
    from yolo_fer.evaluate.run_folder import run_folder
    from yolo_fer.results import MAX_FACES
    from yolo_fer.two_stage.load import Choice, describe, load_system

    data = data_yaml_of(data)
    choice = Choice(weights, pipeline)
    before = time.perf_counter()
    system = load_system(
        choice,
        imgsz=imgsz,
        conf=choice.curve_conf,
        iou=iou,
        device=device,
        trust_weights=trust_weights,
        max_faces=max_faces,
    )
    say_about_system(system, time.perf_counter() - before)
    record = describe(choice, system)
    command = ["yolo-fer", "val", str(data)]
    command += [f"--{choice.argument[0]}", choice.argument[1]] if choice.argument else []
    command += ["--split", split]
    command += [] if imgsz is None else ["--imgsz", str(imgsz)]
    command += [] if conf is None else ["--conf", str(conf)]
    command += [] if iou is None else ["--iou", str(iou)]
    command += [] if max_faces == MAX_FACES else ["--max-faces", str(max_faces)]
    command += ["--device", device, "--bootstrap", str(bootstrap)]
    command += [word for column in slice_by or () for word in ("--slice", column)]
    command += ["--trust-weights"] if trust_weights else []
    with run_folder(out) as folder:
        metrics = evaluate(
            system,
            data,
            split,
            batch=batch,
            resamples=bootstrap,
            columns=slice_by or (),
            threshold=conf,
            out=folder,
            plots=not no_plots,
            weights_sha256=record.weights_sha256,
            command=shlex.join(command),
            options={**record.options, "device": device},
            progress=progress,
        )
    print_report(metrics, Console())
    say(f"written to {folder}")
    for warning in (*metrics.warnings, *metrics.cautions):
        print_warning(warning)
    if strict and metrics.bad_items:
        raise YoloFerError(f"--strict: {metrics.bad_items} images or label rows could not be used")
