"""Put a trained checkpoint into weights/: calibrated, stripped of its history, exported, hashed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yolo_fer.cli.console import errors_as_status
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics
from yolo_fer.weights.shipped import SUMS_FILE, shipped_folder


def main(
    checkpoint: Annotated[Path, typer.Argument(help="best.pt of a training.")],
    data: Annotated[Path, typer.Option(help="data.yaml whose val split calibrates the scores.")],
    name: Annotated[str, typer.Option(help="Of the shipped files.")] = "yolo-fer-n",
    imgsz: Annotated[
        int | None, typer.Option(help="Input size that is advised; else that of the training.")
    ] = None,
) -> None:
    """Write NAME.pt, NAME.onnx, NAME_int8.onnx and SHA256SUMS."""
    import_ultralytics("shipping weights")
    from tools.shipping.shipped_files import write_shipped_files

    own = write_shipped_files(checkpoint, data, shipped_folder(), name, imgsz)
    typer.echo((shipped_folder() / SUMS_FILE).read_text(encoding="ascii"), nl=False)
    typer.echo(f"threshold {own['face_conf']}")


if __name__ == "__main__":
    with errors_as_status():
        typer.run(main)
