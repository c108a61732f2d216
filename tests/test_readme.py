from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from yolo_fer.cli.main import app

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "datasets" / "README.md",
    ROOT / "weights" / "README.md",
    ROOT / "weights" / "classifiers.md",
    ROOT / "weights" / "EXPERIMENTS.md",
]


def commands() -> list[str]:
    found = []
    for page in PAGES:
        for block in re.findall(r"```bash\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            for line in block.splitlines():
                found += [part.strip() for part in line.split("#")[0].split("&&")]
    return sorted({line for line in found if line.startswith("yolo-fer ")})


@pytest.mark.parametrize("line", commands())
def test_every_command_in_the_readme_is_one_that_exists(line: str) -> None:
    command = typer.main.get_command(app)
    words = shlex.split(line)[1:]
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    command.make_context(line, words)  # complains of unknown options and missing arguments


def test_the_readme_shows_commands_at_all() -> None:
    assert len(commands()) > 8


def test_every_folder_that_the_readme_draws_is_there() -> None:
    drawing = re.search(r"## How it is built\n\n```\n(.*?)```", PAGES[0].read_text("utf-8"), re.S)
    assert drawing is not None
    for line in drawing[1].splitlines():
        indent = "yolo_fer/" if line.startswith("  ") else ""
        for word in re.findall(r"(?:^|\s)([a-z_]+(?:\.py|/))", line):
            assert (ROOT / indent / word).exists(), word
    package = {p.name for p in (ROOT / "yolo_fer").iterdir() if p.name[0] not in "._"}
    missing = {n for n in package if n.removesuffix(".py") not in drawing[1]} - {"py.typed"}
    assert not missing, "the README's picture lacks these"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_relative_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
