"""`yolo-fer doctor`: what is installed, what works, what is missing."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from yolo_fer.cli.settings import read_settings, read_variables
from yolo_fer.doctor import Diagnosis, Severity

_SIGNS = {
    "ok": "[green]ok[/]",
    "note": "[blue]note[/]",
    "warning": "[yellow]warning[/]",
    "problem": "[red]problem[/]",
}


def doctor(context: typer.Context) -> None:
    """Say what is installed, what works, and what mends the rest. Nothing is changed.

    Exits with 0 if prediction works, with 1 if something is broken that it needs.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from yolo_fer.doctor import examine, prediction_works

    findings = [*examine(), *_settings(context.find_root().command)]
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(3):
        table.add_column(overflow="fold")
    for finding in findings:
        remedy = f"\n[bold]{escape(finding.remedy)}[/]" if finding.remedy else ""
        table.add_row(_SIGNS[finding.status], finding.topic, escape(finding.text) + remedy)
    console = Console()
    console.print(table)
    if not prediction_works(findings):
        console.print("\n[red]Prediction does not work yet[/]: mend the problems above.")
        raise typer.Exit(1)
    console.print("\n[green]Prediction works.[/]")


def _settings(command: object) -> list[Diagnosis]:
    """Say which defaults the user has set, and which variables mean nothing."""
    set_here, unknown = read_variables(command, os.environ)
    findings = [
        Diagnosis("defaults", Severity.OK, f"{one.option} {one.value} ({one.where})")
        for one in (*read_settings(command, Path()).listed, *set_here)
    ]
    findings += [
        Diagnosis(
            "defaults", Severity.WARNING, f"{name} is the variable of no option", f"unset {name}"
        )
        for name in unknown
    ]
    return findings
