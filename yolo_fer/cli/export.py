"""`yolo-fer export`: a checkpoint to a file that runs without PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export(
    weights: Annotated[str, typer.Option(help="A .pt file, or the name of one.")],
    format: Annotated[str, typer.Option(help="onnx or openvino.")] = "onnx",
    out: Annotated[
        Path | None, typer.Option(show_default="beside the weights", help="What to write.")
    ] = None,
    imgsz: Annotated[
        int | None,
        typer.Option(min=32, show_default="as trained", help="Longer side of the input."),
    ] = None,
    conf: Annotated[
        float | None, typer.Option(min=0, max=1, help="Threshold that the file advises.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")] = False,
) -> None:
    """Export weights for ONNX Runtime or OpenVINO, with class names and all seven scores."""
    from yolo_fer.errors import UsageError
    from yolo_fer.exporting import Format
    from yolo_fer.exporting import export as run

    if format not in list(Format):
        raise UsageError(f"--format {format} is not known; use {' or '.join(Format)}")
    target = run(weights, out, format=Format(format), imgsz=imgsz, conf=conf, overwrite=overwrite)
    typer.echo(f"written to {target}")
