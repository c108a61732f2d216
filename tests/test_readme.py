from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from tests.helpers.pages import HOUSE, PAGES, ROOT, commands
from yolo_fer.cli.main import app


@pytest.mark.parametrize("line", commands(*PAGES))
def test_every_command_in_the_readme_is_one_that_exists(line: str) -> None:
    command = typer.main.get_command(app)
    words = shlex.split(line)[1:]
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    command.make_context(line, words)  # complains of unknown options and missing arguments


def test_the_readme_shows_commands_at_all() -> None:
    assert len(commands(*PAGES)) > 8


def test_every_folder_that_the_picture_of_the_house_draws_is_there() -> None:
    drawing = re.search(r"## The house\n\n```\n(.*?)```", HOUSE.read_text("utf-8"), re.S)
    assert drawing is not None
    drawn, room = set(), Path()
    for line in drawing[1].splitlines():
        name = re.match(r"(  )?((?:[a-z_]+(?:\.py|/) *)+)", line)
        if name is None:
            continue
        for word in name[2].split():
            path = (room if name[1] else Path()) / word
            assert (ROOT / path).exists(), path
            drawn.add(path)
        if not name[1]:
            room = Path(name[2].strip())
    package = {p.relative_to(ROOT) for p in (ROOT / "yolo_fer").iterdir() if p.name[0] not in "._"}
    missing = package - drawn - {Path("yolo_fer", "py.typed")}
    assert not missing, "the picture lacks these"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_relative_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
