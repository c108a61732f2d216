"""What the commands share: their options, drawn scenes, and the report."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from tools.benchmark.figures import Figure, print_table, write_json, write_markdown
from yolo_fer.evaluate.environment import environment
from yolo_fer.synthetic.drawn_expw import write_expw

Expw: TypeAlias = Annotated[
    Path | None, typer.Option(help="A folder in ExpW's layout; without it, scenes are drawn.")
]
Images: TypeAlias = Annotated[int, typer.Option(min=1, help="Scenes to draw.")]
Repeats: TypeAlias = Annotated[int, typer.Option(min=1, help="Repetitions that count.")]
Scratch: TypeAlias = Annotated[
    Path | None, typer.Option(help="Where temporary files go; the disk is part of the measure.")
]
Markdown: TypeAlias = Annotated[Path | None, typer.Option(help="Write the table to this file.")]
Json: TypeAlias = Annotated[
    Path | None, typer.Option("--json", help="Write every repetition to this file.")
]
Weights: TypeAlias = Annotated[
    Path | None, typer.Option(help="An ONNX file; without it, the one that comes with yolo-fer.")
]
InputSize: TypeAlias = Annotated[
    int, typer.Option("--imgsz", min=32, help="Longer side of the network's input, in pixels.")
]
Threads: TypeAlias = Annotated[int, typer.Option(min=1, help="Of the networks, on both sides.")]
FrameSize: TypeAlias = Annotated[
    tuple[int, int], typer.Option(help="Width and height of the frames.")
]
Workers: TypeAlias = Annotated[int, typer.Option(min=0, help="Processes; 0 takes one per core.")]


def draw(folder: Path, images: int) -> Path:
    """Draw scenes in ExpW's layout below a folder."""
    root = folder / "drawn"
    write_expw(root, images, seed=0)
    return root


def report(
    measure: Callable[[Path], list[Figure]],
    scratch: Path | None,
    markdown: Path | None,
    json_file: Path | None,
) -> None:
    """Measure in a temporary folder and say what came out of it, on the screen and in files."""
    where = environment()
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        figures = measure(Path(folder))
    print_table(figures, where)
    if markdown is not None:
        write_markdown(markdown, figures, where)
    if json_file is not None:
        write_json(json_file, figures, where)
