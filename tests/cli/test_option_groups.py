"""Options that are declared once, in dataclasses, are options of every command that takes them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, ClassVar

import pytest
import typer
from typer.testing import CliRunner

from yolo_fer.cli.convert_options import FaceOptions, RunOptions
from yolo_fer.cli.main import app as yolo_fer
from yolo_fer.cli.option_groups import with_groups
from yolo_fer.convert.options import PhotographOptions, Run


@dataclass(frozen=True)
class Colours:
    PANEL: ClassVar[str] = "How it looks"

    colour: Annotated[str, typer.Option(help="Of the wall.")] = "white"
    gloss: Annotated[bool, typer.Option("--gloss", help="Let it shine.")] = False


app = typer.Typer()


@app.command()
@with_groups
def paint(
    wall: Annotated[str, typer.Argument(help="Which.")],
    *,
    layers: Annotated[int, typer.Option(help="How many.")] = 1,
    colours: Colours,
) -> None:
    """Paint a wall."""
    typer.echo(f"{wall} {layers} {colours}")


def test_the_fields_of_a_dataclass_are_options() -> None:
    run = CliRunner().invoke
    assert run(app, ["north"]).output == "north 1 Colours(colour='white', gloss=False)\n"
    given = run(app, ["north", "--gloss", "--colour", "red", "--layers", "2"])
    assert given.output == "north 2 Colours(colour='red', gloss=True)\n"
    assert run(app, ["north", "--colours", "red"]).exit_code == 2


def test_help_shows_them_under_their_heading() -> None:
    output = CliRunner().invoke(app, ["--help"]).output
    words = ("Paint a wall", "--layers", "How it looks", "--colour", "--gloss")
    places = [output.index(word) for word in words]
    assert places == sorted(places)
    assert "Of the wall." in output


def test_the_defaults_of_the_command_line_are_those_of_the_library() -> None:
    library = PhotographOptions()
    assert all(getattr(library, name) == value for name, value in FaceOptions().given().items())
    run = RunOptions().run()
    assert (run.dask, run.resume, run.overwrite) == (None, Run().resume, Run().overwrite)


@pytest.mark.parametrize(
    "dataset", ["expw", "affwild2", "fer2013", "rafdb", "affectnet", "folders"]
)
def test_every_conversion_has_the_options_that_all_share(dataset: str) -> None:
    convert = typer.main.get_command(yolo_fer).commands["convert"]  # type: ignore[attr-defined]
    has = {parameter.name for parameter in convert.commands[dataset].params}
    assert {"out", "boxes", "seed", *(field.name for field in fields(RunOptions))} <= has
