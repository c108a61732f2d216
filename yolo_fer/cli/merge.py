"""`yolo-fer merge`: several converted sets to one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from yolo_fer.cli.convert_options import Out, RunOptions
from yolo_fer.cli.convert_report import print_report
from yolo_fer.cli.option_groups import with_groups
from yolo_fer.dataset.drop_reasons import is_tolerated
from yolo_fer.errors import YoloFerError


@with_groups
def merge(
    folders: Annotated[list[Path], typer.Argument(help="Folders that `convert` wrote.")],
    out: Out,
    *,
    test_images: Annotated[
        int | None,
        typer.Option(
            min=1,
            show_default="all",
            help="Keep so many random test images of each dataset, as the papers do (2500).",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the choice of test images.")] = 0,
    running: RunOptions,
) -> None:
    """Merge converted sets; images that show the same never end on both sides of the split.

    (Near-)duplicates in several splits all go to the highest one: test, then val, then train. A
    video is not moved for one look-alike: the frame is left out. Test images are never painted, so
    a masked copy that belongs to test is left out as well. Every such image is counted.
    """
    from yolo_fer.convert.merge.merging import merge_sets
    from yolo_fer.convert.merge.outcomes import MergeOptions

    report = merge_sets(folders, out, MergeOptions(test_images, seed), running.run())
    if report is None:
        typer.echo(f"{out} is complete already; nothing to do")
        return
    print_report(out, report)
    _print_datasets(report)
    bad = {reason: n for reason, n in report["images_dropped"].items() if not is_tolerated(reason)}
    if running.strict and bad:
        raise YoloFerError(f"--strict: {sum(bad.values())} bad images: {bad}")


def _print_datasets(report: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="datasets")
    table.add_column("")
    for column in ("images in", "images out", "moved", "left out", "faces out"):
        table.add_column(column, justify="right")
    for name, account in report["datasets"].items():
        table.add_row(
            name,
            str(account["images_in"]),
            str(account["images_out"]),
            str(sum(account["images_moved"].values())),
            str(sum(account["images_dropped"].values())),
            str(account["faces_out"]),
        )
    Console().print(table)
