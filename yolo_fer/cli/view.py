"""`yolo-fer view`: contact sheets and plots of a converted set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yolo_fer.cli.console import progress, say


def view(
    folder: Annotated[Path, typer.Argument(help="Folder that `convert` or `merge` wrote.")],
    split: Annotated[
        str | None, typer.Option(show_default="all", help="Only train, val or test.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(show_default="runs/view, view2, …", help="Folder, new or empty."),
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="Faces on each sheet.")] = 24,
    seed: Annotated[int, typer.Option(help="Of the choice of faces.")] = 0,
) -> None:
    """Draw a set: a sheet of faces for each emotion and split; plots of classes and boxes.

    A thick frame is the face that the sheet is about; dashes are an unlabelled face, with
    a stroke through it if it was painted over.
    """
    from yolo_fer.evaluate.run_folder import run_folder
    from yolo_fer.inspect.set_view import view_set

    with run_folder(out, Path("runs"), "view") as target:
        files = view_set(folder, target, split=split, samples=samples, seed=seed, progress=progress)
    say(f"{len(files)} pictures in {target}")
