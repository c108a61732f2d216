"""Train the shipped weights, from the raw datasets to the files in weights/.

About three hours on one core that computes in bf16. Kill it whenever you like: called again with
the same --work, it goes on where it last saved.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import torch
import typer

from tools.shipping.materials import Materials
from yolo_fer.cli.console import errors_as_status, print_our_warnings, progress
from yolo_fer.errors import UsageError
from yolo_fer.runtime.ultralytics_quiet import import_ultralytics
from yolo_fer.weights.store import resolve


def main(
    data: Annotated[
        Path,
        typer.Argument(help="Folder that holds expw/, affwild2/, fer2013/ and ck48/; only read."),
    ] = Path("../shared/data"),
    work: Annotated[Path, typer.Option(help="For conversions and checkpoints: 2 GB.")] = Path(
        "runs/shipping"
    ),
    out: Annotated[
        Path | None, typer.Option(help="Where the weights go.", show_default="WORK/weights")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            help="YOLO11n checkpoint to start from.",
            show_default="yolo11n-affect8, or the end of the stage before --first",
        ),
    ] = None,
    first: Annotated[
        str, typer.Option(help="Stage to begin with: first, second or third.")
    ] = "first",
    share: Annotated[
        float, typer.Option(min=0.0001, max=1, help="Of all steps, for a trial.")
    ] = 1.0,
    threads: Annotated[
        int | None, typer.Option(min=1, show_default="all cores", help="For the training.")
    ] = None,
) -> None:
    """Convert, train stage after stage, calibrate, export."""
    print_our_warnings()
    import_ultralytics("training")
    from tools.shipping.ship import ship
    from tools.shipping.stages import STAGES, run_stage, shortened

    names = [stage.name for stage in STAGES]
    if first not in names:
        raise typer.BadParameter(f"{first} is none of {', '.join(names)}", param_hint="--first")
    checkpoint = resolve(start or _usual_start(names.index(first), names, data, work))
    cores = os.cpu_count() or 1
    torch.set_num_threads(threads or cores)
    materials = Materials(data, work / "data")
    materials.convert(cores, progress)
    for stage in shortened(STAGES, share)[names.index(first) :]:
        folder = work / stage.name
        checkpoint = run_stage(stage, checkpoint, materials, folder, tell=print, progress=progress)
    target = out or work / "weights"
    target.mkdir(parents=True, exist_ok=True)
    own = ship(checkpoint, materials.expw / "data.yaml", target, "yolo-fer-n")
    typer.echo(f"{target} is complete, threshold {own['face_conf']}; measure it with")
    typer.echo(
        f"yolo-fer val {materials.expw / 'data.yaml'} --split test "
        f"--weights {target / 'yolo-fer-n.onnx'}"
    )


def _usual_start(number: int, names: list[str], data: Path, work: Path) -> str | Path:
    """Return what the stage of a number starts from."""
    if number == 0:
        beside = data / "weights" / "yolo11n-affect8.pt"
        return beside if beside.exists() else "yolo11n-affect8"
    trained = work / names[number - 1] / "trained.pt"
    if not trained.exists():
        raise UsageError(
            f"--first {names[number]}: {trained} is not there; train the stage before, or give "
            "--start"
        )
    return trained


if __name__ == "__main__":
    with errors_as_status():
        typer.run(main)
