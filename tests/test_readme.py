from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from tests.helpers.pages import CONTRIBUTING, PAGES, ROOT, commands
from tools.benchmark.__main__ import app as benchmark
from yolo_fer.cli.main import app

BENCHMARK = "python -m tools.benchmark "


def understand(line: str, app: typer.Typer, words: list[str]) -> None:
    command = typer.main.get_command(app)
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    command.make_context(line, words)  # complains of unknown options and missing arguments


@pytest.mark.parametrize("line", commands(*PAGES))
def test_every_command_in_the_readme_is_one_that_exists(line: str) -> None:
    understand(line, app, shlex.split(line)[1:])


@pytest.mark.parametrize("line", commands(*PAGES, start=BENCHMARK))
def test_every_benchmark_that_a_figure_names_is_one_that_exists(line: str) -> None:
    understand(line, benchmark, shlex.split(line)[3:])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_every_tool_that_a_page_names_is_there(page: Path) -> None:
    for tool in re.findall(r"python -m (tools[\w.]*\w)", page.read_text("utf-8")):
        path = ROOT / tool.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), tool


def test_the_readme_shows_commands_at_all() -> None:
    assert len(commands(*PAGES)) > 8


def test_every_folder_that_the_picture_of_the_layout_draws_is_there() -> None:
    drawing = re.search(r"## The layout\n\n```\n(.*?)```", CONTRIBUTING.read_text("utf-8"), re.S)
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
