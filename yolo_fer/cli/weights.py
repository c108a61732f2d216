"""`yolo-fer weights`: list, fetch and verify weights that have a name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from yolo_fer.cli.commands import Commands
from yolo_fer.cli.completion import all_weights

if TYPE_CHECKING:
    from yolo_fer.weights.download import Progress

app = Commands(help="List, fetch and verify named weights.")


@app.command("list")
def list_weights() -> None:
    """List the weights that have a name, and which of them are here."""
    from rich.console import Console
    from rich.table import Table

    from yolo_fer.weights import store as weights

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("name", "for", "state", "MB", "from", "licence"):
        table.add_column(
            column,
            justify="right" if column == "MB" else "left",
            overflow="fold",
            no_wrap=column == "name",
        )
    for entry in weights.entries():
        inspection = weights.inspect(entry)
        size = entry.size
        if size is None and inspection.path.is_file():
            size = inspection.path.stat().st_size
        table.add_row(
            entry.name,
            entry.kind,
            f"[{_COLOURS[inspection.state]}]{inspection.state}",
            "?" if size is None else f"{size / 1e6:.1f}",
            entry.source.summary,
            entry.licence,
        )
    console = Console()
    console.print(table)
    console.print(f"\nFetched weights lie in {weights.cache_folder()}", soft_wrap=True)


_COLOURS = {
    "ok": "green",
    "not here": "dim",
    "hash not recorded": "yellow",
    "cut short": "red",
    "wrong hash": "red",
}


@app.command("get")
def get(
    names: Annotated[
        list[str],
        typer.Argument(autocompletion=all_weights, help="Names from `yolo-fer weights list`."),
    ],
) -> None:
    """Fetch weights into the cache, unless they are there, and verify them."""
    from yolo_fer.weights import store as weights

    for name in names:
        with _progress_bar(name) as progress:
            path = weights.fetch(name, progress)
        typer.echo(path)
        if weights.get_entry(name).sha256 is None:
            typer.echo(
                f"Nobody has published the hash of {name}; recorded {weights.recorded_sha256(path)}"
                f", so that later changes are noticed.",
                err=True,
            )


@contextmanager
def _progress_bar(name: str) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn(name), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None, visible=False)

        def show(received: int, total: int | None) -> None:
            bar.update(task, completed=received, total=total, visible=True)

        yield show


@app.command("verify")
def verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(autocompletion=all_weights, help="Names; without any, all that are here."),
    ] = None,
) -> None:
    """Hash the weights that are here; exit with 1 if a file is damaged or another one."""
    from yolo_fer.cli.console import print_error
    from yolo_fer.weights import store as weights

    entries = [weights.get_entry(name) for name in names] if names else weights.entries()
    inspections = [weights.inspect(entry) for entry in entries]
    present = [i for i in inspections if names or i.state is not weights.State.MISSING]
    for inspection in present:
        typer.echo(f"{inspection.entry.name}: {inspection.state}  {inspection.path}")
    bad = [i for i in present if i.state not in (weights.State.OK, weights.State.UNRECORDED)]
    for inspection in bad:
        print_error(weights.describe_trouble(inspection))
    if not present:
        typer.echo("no weights are here", err=True)
    if bad:
        raise typer.Exit(1)
