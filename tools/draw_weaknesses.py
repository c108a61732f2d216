"""Draw what the shipped detector cannot do, for the card of the weights."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tools.shipping.weaknesses import draw_weaknesses
from yolo_fer.cli.console import errors_as_status
from yolo_fer.detector import Detector
from yolo_fer.weights.shipped import shipped_folder


def main(
    weights: Annotated[str, typer.Option(help="A detector, by file or name.")] = "yolo-fer-n.onnx",
    out: Annotated[
        Path | None, typer.Option(show_default="weaknesses.jpg next to the shipped weights")
    ] = None,
) -> None:
    """Write the picture."""
    path = out or shipped_folder() / "weaknesses.jpg"
    draw_weaknesses(Detector(weights), path)
    typer.echo(path)


if __name__ == "__main__":
    with errors_as_status():
        typer.run(main)
