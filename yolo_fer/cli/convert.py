"""`yolo-fer convert`: raw datasets to YOLO folders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from yolo_fer.cli.console import print_warning, progress
from yolo_fer.convert.rules import BoxConvention, Unlabelled
from yolo_fer.errors import YoloFerError

app = typer.Typer(
    help="Turn a raw dataset into a YOLO folder whose every row is accounted for.",
    no_args_is_help=True,
)


@app.command("expw")
def convert_expw(
    root: Annotated[Path, typer.Argument(help="Folder with label/label.lst and image/origin.")],
    out: Annotated[Path, typer.Option(help="Folder to write; it must be new or empty.")],
    min_score: Annotated[
        float, typer.Option(help="Use faces whose ExpW detector score is above this.")
    ] = 50.0,
    unlabelled: Annotated[
        Unlabelled,
        typer.Option(
            help="Faces that nobody labelled: mask paints them over in the train and val copies "
            "and ignores them in evaluation; ignore only ignores them; keep does not look for "
            "them; drop leaves out images that have any."
        ),
    ] = Unlabelled.MASK,
    boxes: Annotated[
        BoxConvention, typer.Option(help="Whose box convention the set has.")
    ] = BoxConvention.EXPW,
    finder: Annotated[str, typer.Option(help="Face finder.")] = "retinaface",
    face_score: Annotated[
        float, typer.Option(min=0, max=1, help="Least score of a found face.")
    ] = 0.5,
    device: Annotated[
        str, typer.Option(help="Of the face finder: cpu, cuda, cuda:1, auto.")
    ] = "cpu",
    val: Annotated[float, typer.Option(help="Share of the groups for validation.")] = 0.10,
    test: Annotated[float, typer.Option(help="Share of the groups for testing.")] = 0.15,
    seed: Annotated[int, typer.Option(help="Of the split.")] = 0,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 takes one per core.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on after a kill.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier conversion in --out.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with status 1 if any row was bad.")
    ] = False,
) -> None:
    """Convert ExpW: one row of label.lst is one face, an image may have several."""
    from yolo_fer.convert.executor import default_workers
    from yolo_fer.convert.expw import ExpwOptions
    from yolo_fer.convert.expw import convert_expw as convert
    from yolo_fer.convert.scan import FinderChoice
    from yolo_fer.convert.splits import SplitShares

    options = ExpwOptions(
        min_score=min_score,
        unlabelled=unlabelled,
        boxes=boxes,
        finder=FinderChoice(finder, device, face_score),
        shares=SplitShares(val, test),
        seed=seed,
    )
    report = convert(
        root,
        out,
        options,
        workers=workers or default_workers(),
        resume=resume,
        overwrite=overwrite,
        progress=progress,
    )
    _finish(out, report, strict=strict)


# Reasons that are choices of the user or of the data's design, not bad input.
_EXPECTED = frozenset({"low_score", "duplicate_row", "image_with_unlabelled_faces"})


def _finish(out: Path, report: dict[str, Any] | None, *, strict: bool) -> None:
    if report is None:
        typer.echo(f"{out} is complete already; nothing to do")
        return
    print_report(out, report)
    bad = {reason: n for reason, n in report["dropped"].items() if reason not in _EXPECTED}
    if strict and bad:
        raise YoloFerError(f"--strict: {sum(bad.values())} bad rows; see {out / 'dropped.csv'}")


def print_report(out: Path, report: dict[str, Any]) -> None:
    """Print the ledger of a conversion as two Rich tables, with its warnings."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(title=f"{report['source']} → {out}")
    table.add_column("split")
    emotions = list(report["per_split"]["train"])
    for emotion in emotions:
        table.add_column(emotion, justify="right")
    table.add_column("faces", justify="right", style="bold")
    for split, counts in report["per_split"].items():
        cells = [str(counts[emotion]) for emotion in emotions]
        table.add_row(split, *cells, str(sum(counts.values())))
    console.print(table)
    ledger = Table(title="ledger")
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
