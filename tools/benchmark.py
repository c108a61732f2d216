"""Measure yolo-fer's speed goals on this machine and say which are met."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from yolo_fer.benchmarks.measure import Figure
from yolo_fer.benchmarks.tables import environment, print_table, write_json, write_markdown
from yolo_fer.convert.executor import default_workers
from yolo_fer.demo.scenes import write_expw

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)

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
Workers: TypeAlias = Annotated[int, typer.Option(min=0, help="Processes; 0 takes one per core.")]


@app.command()
def convert(
    expw: Expw = None,
    images: Images = 400,
    repeats: Repeats = 5,
    workers: Workers = 0,
    mask: Annotated[bool, typer.Option(help="Measure --unlabelled mask, too.")] = True,
    scratch: Scratch = None,
    markdown: Markdown = None,
    json_file: Json = None,
) -> None:
    """Conversion beside bare loops over the same files with as many processes."""
    from yolo_fer.benchmarks import conversion

    def measure(folder: Path) -> list[Figure]:
        root = expw or _draw(folder, images)
        processes = workers or default_workers()
        figures = [conversion.copying(root, folder, processes, repeats)]
        if mask:
            figures.append(conversion.finding(root, folder, processes, repeats))
        return figures

    _report(measure, scratch, markdown, json_file)


def _draw(folder: Path, images: int) -> Path:
    root = folder / "drawn"
    write_expw(root, images, seed=0)
    return root


def _report(
    measure: Callable[[Path], list[Figure]],
    scratch: Path | None,
    markdown: Path | None,
    json_file: Path | None,
) -> None:
    where = environment()
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        figures = measure(Path(folder))
    print_table(figures, where)
    if markdown is not None:
        write_markdown(markdown, figures, where)
    if json_file is not None:
        write_json(json_file, figures, where)


if __name__ == "__main__":
    app()
