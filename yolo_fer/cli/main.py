"""`yolo-fer`: puts the commands together and turns errors into exit statuses."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from yolo_fer import __version__
from yolo_fer.cli import app as page
from yolo_fer.cli import (
    check,
    compare,
    convert,
    demo,
    doctor,
    export,
    faces,
    merge,
    predict,
    serve,
    train,
    train_classifier,
    train_mtcnn,
    val,
    val_classifier,
    view,
    weights,
)
from yolo_fer.cli.commands import Commands
from yolo_fer.cli.console import errors_as_status, print_our_warnings
from yolo_fer.cli.settings import with_settings
from yolo_fer.paths import ESCAPE

app = Commands(
    name="yolo-fer",
    help="Find every face in an image and name its expression, in one pass of one small network.",
    pretty_exceptions_enable=False,
)
app.command("predict", cls=predict.PredictCommand)(predict.predict)
app.add_typer(convert.app, name="convert")
app.command("merge")(merge.merge)
app.command("check")(check.check)
app.command("view")(view.view)
app.command("train")(train.train)
app.command("val")(val.val)
app.command("compare")(compare.compare)
app.command("export")(export.export)
app.command("train-classifier")(train_classifier.train_classifier)
app.command("val-classifier")(val_classifier.val_classifier)
app.command("train-mtcnn")(train_mtcnn.train_mtcnn)
app.command("faces")(faces.faces)
app.add_typer(weights.app, name="weights")
app.command("demo")(demo.demo)
app.command("app")(page.app)
app.command("serve")(serve.serve)
app.command("doctor")(doctor.doctor)


@app.callback(invoke_without_command=True)
def _options(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        typer.echo(f"yolo-fer {__version__}")
        raise typer.Exit


def main(*command: str) -> None:
    """Run the command line; exit 0 done, 1 nothing usable, 2 wrong usage, 130 Ctrl-C.

    Args:
        command: words that come before the arguments of the process, as `("convert", "expw")`.
    """
    print_our_warnings()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What the console cannot show is escaped, and no error.
        sys.stdout.reconfigure(errors=ESCAPE)
    with errors_as_status():
        with_settings(app, Path())([*command, *sys.argv[1:]], prog_name=app.info.name)
