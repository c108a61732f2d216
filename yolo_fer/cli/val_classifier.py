"""`yolo-fer val-classifier`: measuring classifiers of face crops."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from yolo_fer.cli.completion import classifiers
from yolo_fer.cli.evaluation_options import Ferplus
from yolo_fer.cli.option_groups import with_groups
from yolo_fer.cli.report_options import ReportFlags


@with_groups
def val_classifier(
    data: Annotated[
        Path,
        typer.Argument(help="FER2013's CSV file (also .xz, .zip …), or a folder per emotion."),
    ],
    weights: Annotated[
        list[str],
        typer.Option(
            autocompletion=classifiers,
            help="An .onnx of train-classifier, or a name of `weights list`; given several "
            "times, the probabilities are averaged.",
        ),
    ],
    ferplus: Ferplus = None,
    split: Annotated[
        str | None,
        typer.Option(
            show_default="test of a CSV file, all of a folder", help="train, val, test or all."
        ),
    ] = None,
    group_by: Annotated[
        str | None,
        typer.Option(help="For a folder: as in the training, so that the splits are the same."),
    ] = None,
    flip: Annotated[
        bool, typer.Option("--flip", help="See each face mirrored, too; twice the time.")
    ] = False,
    *,
    report: ReportFlags,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
) -> None:
    """Measure classifiers of face crops: accuracy, macro-F1, each class, the confusion matrix.

    FER2013's PublicTest is the test. With FER+ a face counts if most annotators agreed on it.
    """
    from rich.console import Console

    from yolo_fer.cli.console import print_warning, say
    from yolo_fer.crops.labelled_crops import describe_dropped
    from yolo_fer.evaluate.classifier_scores import print_scores
    from yolo_fer.evaluate.classifiers import evaluate_on
    from yolo_fer.two_stage.classifier import Classifier

    report.check(data, *([] if ferplus is None else [ferplus]))
    classifiers = [Classifier(name, flip=flip, device=device) for name in weights]
    for classifier in classifiers:
        if classifier.landmarks is not None:
            print_warning(
                f"{classifier.name} was trained on faces that are aligned by their landmarks, and "
                "sees these crops as they are"
            )
    evaluation = evaluate_on(classifiers, data, ferplus, split, group_by)
    title = f"{' + '.join(evaluation.classifiers)} on {data.name} ({evaluation.split}), in %"
    print_scores(evaluation.scores, title, Console())
    if evaluation.left_out:
        say(f"left out of {data.name}: {describe_dropped(evaluation.left_out)}")
    report.write(evaluation.to_json())
