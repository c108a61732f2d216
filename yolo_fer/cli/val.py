"""`yolo-fer val`: measuring weights on a dataset, per class."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from yolo_fer.cli.console import load_system, print_warning, progress, say
from yolo_fer.cli.evaluation_options import Data, EvaluationFlags, Split
from yolo_fer.cli.flags import as_typed
from yolo_fer.cli.option_groups import with_groups
from yolo_fer.cli.system_options import SystemFlags
from yolo_fer.errors import YoloFerError


@dataclass(frozen=True)
class MeasuredSystem(SystemFlags):
    """Which system is measured; its threshold decides what counts as found, not what is seen."""

    imgsz: Annotated[
        int | None,
        typer.Option(min=32, show_default="as trained", help="Longer side of the input."),
    ] = None
    conf: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            show_default="what the weights advise",
            help="Least score of a face in the figures about which faces are found.",
        ),
    ] = None


@with_groups
def val(
    data: Data,
    *,
    system: MeasuredSystem,
    split: Split = "val",
    evaluation: EvaluationFlags,
    out: Annotated[
        Path | None,
        typer.Option(show_default="runs/detect/val, val2, …", help="Folder, new or empty."),
    ] = None,
    slice_by: Annotated[
        list[str] | None,
        typer.Option(
            "--slice",
            metavar="COLUMN",
            help="Figures for each value of this column of manifest.csv, too; may be given several "
            "times.",
        ),
    ] = None,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit with status 1 if any image or label row was bad."),
    ] = False,
) -> None:
    """Measure weights: average precision per class with intervals, confusion, the worst mistakes.

    All seven scores of a face count as detections, and unlabelled faces are ignored;
    `strict` figures count a detection on such a face as false, as the papers do. There are figures
    by face size, and of finding all faces where those without a label are boxed. Writes
    metrics.json, predictions.json (COCO results) and pictures into a run folder.
    """
    from rich.console import Console

    from yolo_fer.dataset.data_yaml import data_yaml_of
    from yolo_fer.evaluate.evaluate import evaluate
    from yolo_fer.evaluate.options import Origin
    from yolo_fer.evaluate.report import print_report
    from yolo_fer.evaluate.run_folder import run_folder
    from yolo_fer.systems import describe

    data, columns, wanted = data_yaml_of(data), tuple(slice_by or ()), system.options()
    predictor = load_system(replace(wanted, conf=wanted.choice.curve_conf))
    record = describe(wanted.choice, predictor)
    words = ["yolo-fer", "val", str(data), *as_typed(system), "--split", split]
    words += ["--bootstrap", str(evaluation.bootstrap)]
    words += [word for column in columns for word in ("--slice", column)]
    known = {**record.options, "device": system.device}
    with run_folder(out) as folder:
        metrics = evaluate(
            predictor,
            data,
            split,
            evaluation.options(columns, system.conf),
            out=folder,
            origin=Origin(record.weights_sha256, shlex.join(words), known),
            progress=progress,
        )
    print_report(metrics, Console())
    say(f"written to {folder}")
    for warning in (*metrics.warnings, *metrics.cautions):
        print_warning(warning)
    if strict and metrics.bad_items:
        raise YoloFerError(f"--strict: {metrics.bad_items} images or label rows could not be used")
