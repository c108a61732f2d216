"""`yolo-fer compare`: one table of detectors and two-stage systems."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yolo_fer.cli.completion import detectors, pipelines
from yolo_fer.cli.console import print_warning, progress, say
from yolo_fer.cli.evaluation_options import Data, EvaluationFlags, Split
from yolo_fer.cli.option_groups import with_groups
from yolo_fer.cli.system_options import TrustWeights
from yolo_fer.errors import UnusedArgumentError, YoloFerError

if TYPE_CHECKING:
    from yolo_fer.evaluate.compare.systems import UnavailableSystem


@with_groups
def compare(
    data: Data,
    *,
    weights: Annotated[
        list[str] | None,
        typer.Option(
            autocompletion=detectors,
            help="A detector; may be given several times.",
            show_default="all shipped, unless --pipeline is given",
        ),
    ] = None,
    pipeline: Annotated[
        list[str] | None,
        typer.Option(
            autocompletion=pipelines,
            metavar="FINDER+CLASSIFIER",
            help="A two-stage system; may be given several times.",
            show_default="all finders with all shipped classifiers, unless --weights is given",
        ),
    ] = None,
    split: Split = "test",
    imgsz: Annotated[
        int, typer.Option(min=32, help="Longer side of what detectors and face finders see.")
    ] = 320,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N.")] = "cpu",
    threads: Annotated[int, typer.Option(min=1, help="Of each network, for the timing.")] = 1,
    evaluation: EvaluationFlags,
    repeats: Annotated[int, typer.Option(min=1, help="Rounds of the timing.")] = 7,
    out: Annotated[
        Path | None,
        typer.Option(show_default="runs/compare, compare2, …", help="Folder, new or empty."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on in --out: what is measured is kept.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with status 1 if a system could not be compared.")
    ] = False,
    trust_weights: TrustWeights = False,
) -> None:
    """Compare detectors and two-stage systems: precision, accuracy, speed and size.

    All of them see the same images in the same settings, and are timed in turn in one run. A system
    that cannot be loaded is reported, and the others are compared. Writes comparison.csv and .md,
    accuracy_over_speed.png, and a folder per system with what `val` writes.
    """
    if resume and out is None:
        raise UnusedArgumentError(
            "--resume needs the --out of the comparison that is to go on", "resume"
        )

    from rich.console import Console

    from yolo_fer.dataset.data_yaml import data_yaml_of
    from yolo_fer.evaluate.compare import comparison as comparing
    from yolo_fer.evaluate.compare import tables
    from yolo_fer.evaluate.compare.systems import CompareOptions, default_choices
    from yolo_fer.evaluate.run_folder import run_folder
    from yolo_fer.systems import Choice

    data = data_yaml_of(data)
    choices = [Choice(weights=name) for name in weights or ()]
    choices += [Choice(pipeline=spec) for spec in pipeline or ()]
    how = evaluation.options()
    options = CompareOptions(imgsz, device, threads, trust_weights, how, repeats)
    with run_folder(out, Path("runs"), "compare", resume=resume) as folder:
        result = comparing.compare(
            choices or default_choices(), data, split, folder, options, progress=progress, say=say
        )
        tables.write_tables(folder, result)
        if how.plots:
            from yolo_fer.evaluate.compare.plot import draw_accuracy_over_speed

            draw_accuracy_over_speed(result, folder / "accuracy_over_speed.png")
    tables.print_comparison(result, Console())
    say(f"written to {folder}")
    troubles = tables.troubles_of_data(result)
    for trouble in (*troubles, *result.rows[0].figures.get("cautions", ())):
        print_warning(trouble)
    _warn_of_unavailable(result.unavailable)
    if strict and result.unavailable:
        raise YoloFerError(f"--strict: {len(result.unavailable)} systems could not be compared")
    if strict and troubles:
        raise YoloFerError(f"--strict: {data} is not in order: {'; '.join(troubles)}")


def _warn_of_unavailable(unavailable: Sequence[UnavailableSystem]) -> None:
    from yolo_fer.evaluate.compare.systems import about_missing

    not_fetched = about_missing(unavailable)
    if not_fetched:
        print_warning(f"not compared: {not_fetched}")
    for system in unavailable:
        if not system.missing:
            print_warning(f"not compared: {system.name}: {system.reason}")
