"""`yolo-fer check`: what is wrong with a set, before it is trained on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yolo_fer.cli.convert_options import ComputeOptions
from yolo_fer.cli.option_groups import with_groups
from yolo_fer.cli.report_options import ReportFlags

if TYPE_CHECKING:
    from yolo_fer.inspect.findings import Findings

_SHOWN = 3  # examples of a check


@with_groups
def check(
    folder: Annotated[
        Path, typer.Argument(help="Folder that `convert` or `merge` wrote, or with any data.yaml.")
    ],
    *,
    computing: ComputeOptions,
    report: ReportFlags,
) -> None:
    """Check a set: files, labels, boxes, ledger, and that no two splits share an image.

    Exits with status 1 if anything fails; warnings are allowed.
    """
    from yolo_fer.inspect.set_check import check_set

    report.check(folder)
    findings = check_set(folder, computing.compute())
    _print(findings)
    report.write(findings.to_json())
    if findings.failed:
        raise typer.Exit(1)


def _print(findings: Findings) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    table = Table(title=f"{findings.place}: {findings.images} images, {findings.faces} faces")
    table.add_column("")
    table.add_column("what is true of a good set")
    table.add_column("against it", justify="right")
    colours = {"pass": "green", "warn": "yellow", "fail": "bold red"}
    for item in findings.checks.values():
        status = str(item.status)
        style = colours[status]
        count = str(item.found) if item.found else ""
        table.add_row(f"[{style}]{status}[/{style}]", item.promise, count)
    console.print(table)
    for item in findings.checks.values():
        if item.found:
            console.print(f"[bold]{item.status}[/bold] {item.promise}:", highlight=False)
            for example in item.examples[:_SHOWN]:
                console.print(f"  {escape(example)}", soft_wrap=True, highlight=False)
            if item.found > _SHOWN:
                console.print(f"  … {item.found} in all", highlight=False)
    console.print(f"{len(findings.failed)} of {len(findings.checks)} checks failed")
