"""What the commands share: their options, drawn scenes, and the report."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, TypeAlias

import typer

from tools.benchmark.figures import Figure, print_table, write_all, write_markdown
from yolo_fer.evaluate.environment import environment
from yolo_fer.synthetic.drawn_expw import write_expw

Expw: TypeAlias = Annotated[
    Path | None, typer.Option(help="A folder in ExpW's layout; without it, scenes are drawn.")
]
Images: TypeAlias = Annotated[int, typer.Option(min=1, help="Scenes to draw.")]
Repeats: TypeAlias = Annotated[int, typer.Option(min=1, help="Repetitions that count.")]
Weights: TypeAlias = Annotated[
    Path | None, typer.Option(help="An ONNX file; without it, the one that comes with yolo-fer.")
]
InputSize: TypeAlias = Annotated[
    int, typer.Option("--imgsz", min=32, help="Longer side of the network's input, in pixels.")
]
Threads: TypeAlias = Annotated[int, typer.Option(min=1, help="Of the networks, on both sides.")]
Workers: TypeAlias = Annotated[int, typer.Option(min=0, help="Processes; 0 takes one per core.")]


@dataclass(frozen=True)
class Frames:
    """Frames in memory, and what the networks make of them."""

    PANEL: ClassVar[str] = "Frames"

    imgsz: InputSize = 320
    threads: Threads = 1
    size: Annotated[tuple[int, int], typer.Option(help="Width and height of the frames.")] = (
        640,
        480,
    )

    @property
    def frame(self) -> str:
        """Width and height in words."""
        return f"{self.size[0]}x{self.size[1]}"


@dataclass(frozen=True)
class Report:
    """Where temporary files go, and the figures."""

    PANEL: ClassVar[str] = "Report"

    scratch: Annotated[
        Path | None,
        typer.Option(help="Where temporary files go; the disk is part of the measure."),
    ] = None
    markdown: Annotated[Path | None, typer.Option(help="Write the table to this file.")] = None
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write every repetition to this file.")
    ] = None

    def of(self, measure: Callable[[Path], list[Figure]]) -> None:
        """Measure in a temporary folder and say what came out of it, on the screen and in files."""
        where = environment()
        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            figures = measure(Path(folder))
        print_table(figures, where)
        if self.markdown is not None:
            write_markdown(self.markdown, figures, where)
        if self.json_file is not None:
            write_all(self.json_file, figures, where)


def network(weights: Path | None) -> Path:
    """Return the weights that a command was given, else those that come with yolo-fer."""
    from yolo_fer.weights.store import default_detector

    return weights or default_detector()


def draw(folder: Path, images: int) -> Path:
    """Draw scenes in ExpW's layout below a folder."""
    root = folder / "drawn"
    write_expw(root, images, seed=0)
    return root
