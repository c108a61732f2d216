"""What all commands have in common: their help, `-q` and `-v`, and what a shell completes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.helpers.command import yolo_fer
from yolo_fer.cli.commands import flowing
from yolo_fer.cli.main import app


def _below(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield words, command
    for word, sub in getattr(command, "commands", {}).items():
        yield from _below(sub, (*words, word))


COMMANDS = dict(_below(typer.main.get_command(app)))
LEAVES = {words: one for words, one in COMMANDS.items() if not hasattr(one, "commands")}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_line_of_a_help_ends_where_the_next_word_had_fitted(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("typer.rich_utils.MAX_WIDTH", 80)
    monkeypatch.setattr(sys, "argv", ["yolo-fer", *words, "--help"])
    with pytest.raises(SystemExit):
        typer.main.get_command(app)(prog_name="yolo-fer")

    printed = capsys.readouterr().out.splitlines()
    usage = next(i for i, line in enumerate(printed) if "Usage:" in line)
    frame = next(i for i, line in enumerate(printed) if line.startswith("╭"))
    prose = [line.strip() for line in printed[usage + 1 : frame]]
    assert any(prose)
    for line, following in pairwise(prose):
        if line and following:
            word = following.split()[0]
            assert len(line) + 1 + len(word) > 78, f"{line!r} breaks before {word!r}"


def test_paragraphs_of_a_docstring_stay_apart_and_their_lines_do_not() -> None:
    assert flowing("One.\n\n    Two and\n    three.\n  \n    Four.\n") == (
        "One.\n\nTwo and three.\n\nFour."
    )


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_every_command_can_be_quiet_or_verbose(words: tuple[str, ...]) -> None:
    options = {option for parameter in LEAVES[words].params for option in parameter.opts}
    assert {"-q", "--quiet", "-v", "--verbose"} <= options


def test_verbose_shows_where_an_error_arose_and_quiet_the_error_alone(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing"
    plain, verbose, quiet = (yolo_fer("check", nothing, *flag) for flag in ([], ["-v"], ["-q"]))

    assert "Traceback" not in plain.stderr
    assert "Traceback" in verbose.stderr and "set_check.py" in verbose.stderr
    assert verbose.stderr.endswith(plain.stderr), "the error comes last"
    assert quiet.stderr == plain.stderr
    both = yolo_fer("check", nothing, "-q", "-v")
    assert (both.returncode, both.stderr) == (2, "error: -q and -v exclude each other\n")
