"""`yolo-fer train`: a YOLO folder to weights."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from yolo_fer.cli.completion import checkpoints, networks
from yolo_fer.cli.console import is_quiet, say
from yolo_fer.cli.evaluation_options import Data
from yolo_fer.cli.system_options import TrustWeights
from yolo_fer.errors import UsageError


def train(
    data: Data,
    settings: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY=VALUE",
            help="Any Ultralytics setting as key=value, such as lr0=0.002 name=first.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            autocompletion=networks,
            show_default="yolo-fer-n",
            help="A network of yolo-fer or Ultralytics, such as yolo11n; or a .pt to go on from.",
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            autocompletion=checkpoints,
            show_default="the shipped weights; for Ultralytics' networks their COCO weights",
            help="Weights to start from: a name of `yolo-fer weights list`, a .pt, or none.",
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, show_default="100")] = None,
    imgsz: Annotated[int | None, typer.Option(min=32, show_default="320")] = None,
    batch: Annotated[int | None, typer.Option(min=1, show_default="32")] = None,
    recipe: Annotated[
        str | None,
        typer.Option(help="yofo: the YOLOv3-tiny training of the paper You Only Feel Once."),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, or 0,1 for several GPUs.")] = "auto",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the newest unfinished run on this data.")
    ] = False,
    trust_weights: TrustWeights = False,
) -> None:
    """Train a detector in which each emotion is an object class of its own, with Ultralytics.

    Writes a run folder, runs/detect/train and so on, with args.yaml, results.csv, curves and
    weights/best.pt.
    """
    chosen = {"epochs": epochs, "imgsz": imgsz, "batch": batch}
    given: dict[str, Any] = {key: value for key, value in chosen.items() if value is not None}
    given |= dict(_setting(text) for text in settings or [])

    from yolo_fer.dataset.data_yaml import data_yaml_of
    from yolo_fer.train.detector.options import TrainOptions
    from yolo_fer.train.detector.training import train as run

    data = data_yaml_of(data)
    options = TrainOptions(model, start, recipe, device, resume, trust_weights, given)
    best = run(data, options, say if is_quiet() else None) / "weights" / "best.pt"
    typer.echo(best)
    say(f"measure it with: yolo-fer val {data} --weights {best}")


def _setting(text: str) -> tuple[str, Any]:
    import yaml

    key, equals, value = text.partition("=")
    if not equals or not key.isidentifier():
        raise UsageError(f"{text!r} is not an Ultralytics setting of the form key=value")
    if not value:
        raise UsageError(f"{text!r} has no value; leave it out for the default")
    try:
        return key, yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise UsageError(f"{text!r}: the value is no number, word or list") from error
