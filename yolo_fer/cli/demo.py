"""`yolo-fer demo`: the whole job on drawn data, then a real photograph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yolo_fer.cli.console import is_quiet, is_verbose, progress

if TYPE_CHECKING:
    from rich.console import Console


def demo(
    out: Annotated[
        Path | None,
        typer.Option(show_default="runs/demo, demo2, …", help="Folder to write, new or empty."),
    ] = None,
    images: Annotated[int, typer.Option(min=60, help="Scenes to draw.")] = 480,
    epochs: Annotated[int, typer.Option(min=1, help="Of the training.")] = 8,
) -> None:
    """Draw faces with seven expressions, convert, train for a minute or two, measure, predict.

    Nothing is downloaded. In the end the shipped weights name the faces of a real photograph.
    """
    from rich.console import Console

    from yolo_fer.cli.demo_run import run_demo
    from yolo_fer.evaluate.report import print_report
    from yolo_fer.evaluate.run_folder import run_folder

    console = Console()
    with run_folder(out, Path("runs"), "demo") as folder:
        result = run_demo(
            folder,
            images=images,
            epochs=epochs,
            say=lambda text: None if is_quiet() else _print_step(console, text),
            show_trainer=is_verbose(),
            progress=progress,
        )
    print_report(result.metrics, console)
    if result.photograph is not None:
        for face in result.photograph.faces:
            console.print(f"photograph: {face.caption}")
    console.print(f"{sum(result.seconds.values()):.0f} seconds. Look first at:", style="bold")
    _print_path(console, result.picture)
    if is_quiet():
        return
    console.print("then at:", style="bold")
    for path in (
        folder / "expw" / "images" / "train",
        folder / "train" / "results.png",
        folder / "val" / "confusion.png",
        folder / "val" / "worst_mistakes.jpg",
        folder / "predictions",
        folder / "photograph",
    ):
        if path.exists():
            _print_path(console, path)


def _print_step(console: Console, text: str) -> None:
    console.print(text, style="bold" if text[0].isdigit() else None, highlight=False)


def _print_path(console: Console, path: Path) -> None:
    console.print(f"  {path}", soft_wrap=True, highlight=False)
