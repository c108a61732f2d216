"""`yolo-fer train-classifier`: face crops to a classifier."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from yolo_fer.cli.console import may_show_progress, progress, say
from yolo_fer.cli.evaluation_options import Ferplus
from yolo_fer.errors import needs_extra


def train_classifier(
    data: Annotated[
        Path,
        typer.Option(help="FER2013's CSV file (also .xz, .zip …), or a folder per emotion."),
    ],
    arch: Annotated[
        str,
        typer.Option(help="fer-cnn, compact-resnet, compact-vgg, resnet18 or vgg16."),
    ] = "fer-cnn",
    ferplus: Ferplus = None,
    contempt: Annotated[
        bool, typer.Option("--contempt", help="Eight classes instead of seven.")
    ] = False,
    group_by: Annotated[
        str | None,
        typer.Option(help=r"Regular expression that finds the person in a path: 'S(\d+)_'."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            show_default="ImageNet's for resnet18 and vgg16",
            help="Weights to start from: a .pt or .pth, a name of `weights list`, or none.",
        ),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(min=16, show_default="the network's own", help="Side of the input."),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, show_default="the network's own")] = None,
    batch: Annotated[int | None, typer.Option(min=2, show_default="64")] = None,
    rate: Annotated[
        float | None, typer.Option(show_default="the network's own", help="Highest learning rate.")
    ] = None,
    patience: Annotated[
        int, typer.Option(min=1, help="Stop after so many epochs that did not improve.")
    ] = 10,
    margin: Annotated[
        float,
        typer.Option(min=0.5, max=3, help="Side of the crops in sides of the face's box."),
    ] = 1.0,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    out: Annotated[
        Path | None,
        typer.Option(show_default="runs/classify/train, train2, …", help="Folder, new or empty."),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with the newest unfinished run of these arguments."),
    ] = False,
) -> None:
    """Train a classifier of face crops, for the second stage of `predict --pipeline`.

    FER2013's PublicTest is the test; validation images are taken out of Training. Writes a run
    folder with results.csv, curves.png, confusion.png, metrics.json and weights/best.onnx.
    """
    from yolo_fer.train.classifier.architectures import find_architecture

    architecture = find_architecture(arch)

    with needs_extra("train", "training a classifier"):
        from yolo_fer.train.classifier.run import TrainingChoice
        from yolo_fer.train.classifier.run import train_classifier as run
        from yolo_fer.train.classifier.training import Schedule

    choice = TrainingChoice(
        arch=arch,
        data=data,
        ferplus=ferplus,
        group_by=group_by,
        contempt=contempt,
        size=size or architecture.size,
        margin=margin,
        start=start,
        schedule=Schedule(
            epochs=epochs or architecture.epochs,
            batch=batch or architecture.batch,
            rate=architecture.rate if rate is None else rate,
            decay=architecture.decay,
            patience=patience,
            seed=seed,
        ),
    )
    shown: dict[str, Any] = {"progress": progress} if may_show_progress(uses_stdout=False) else {}
    folder = run(choice, out=out, resume=resume, device=device, on_message=say, **shown)
    best = folder / "weights" / "best.onnx"
    words = ["yolo-fer", "val-classifier", str(data), "--weights", str(best)]
    words += ["--ferplus", str(ferplus)] if ferplus else []
    words += ["--split", "test"] if data.is_dir() else []
    words += ["--group-by", group_by] if group_by else []
    typer.echo(best)
    say(f"measure it with: {shlex.join(words)}")
