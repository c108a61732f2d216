"""What `yolo-fer convert` and `merge` print in the end: the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from yolo_fer.cli.console import print_warning
from yolo_fer.dataset.drop_reasons import is_tolerated
from yolo_fer.errors import YoloFerError


def finish(out: Path, report: dict[str, Any] | None, *, strict: bool) -> None:
    """Print what a conversion did.

    Args:
        out: the folder that was written.
        report: the report of the conversion; None if there was nothing left to do.
        strict: let bad rows be an error.

    Raises:
        YoloFerError: if there were bad rows and `strict` forbids them.
    """
    if report is None:
        typer.echo(f"{out} is complete already; nothing to do")
        return
    print_report(out, report)
    bad = {reason: n for reason, n in report["dropped"].items() if not is_tolerated(reason)}
    if strict and bad:
        raise YoloFerError(f"--strict: {sum(bad.values())} bad rows; see {out / 'dropped.csv'}")


def print_report(out: Path, report: dict[str, Any]) -> None:
    """Print the ledger of a conversion as two Rich tables, with its warnings."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    from yolo_fer.evaluate.text_table import text_table

    console = Console()
    emotions = list(report["per_split"]["train"])
    table = text_table(f"{report['source']} → {out}", "split", [*emotions, "[bold]faces"])
    for split, counts in report["per_split"].items():
        cells = [str(counts[emotion]) for emotion in emotions]
        table.add_row(split, *cells, f"[bold]{sum(counts.values())}")
    console.print(table)
    ledger = Table(title="ledger", box=SIMPLE_HEAD)
    ledger.add_column("rows")
    ledger.add_column("", justify="right")
    ledger.add_row("in", str(report["rows_in"]), style="bold")
    for reason, count in report["dropped"].items():
        ledger.add_row(f"dropped: {reason}", str(count))
    ledger.add_row("faces out", str(report["faces_out"]), style="bold")
    console.print(ledger)
    console.print(f"{report['images_out']} images, {report['clipped']} faces cut at the edge")
    if report["dropped"]:
        console.print(f"every dropped row, with its reason: {out / 'dropped.csv'}", soft_wrap=True)
    for warning in report["warnings"]:
        print_warning(warning)
