from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from tests.helpers.pages import HOUSE, PAGES, ROOT, commands
from yolo_fer.cli.main import app
from yolo_fer.images import encode_jpeg


@pytest.mark.parametrize("line", commands(*PAGES))
def test_every_command_in_the_readme_is_one_that_exists(line: str) -> None:
    command = typer.main.get_command(app)
    words = shlex.split(line)[1:]
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    command.make_context(line, words)  # complains of unknown options and missing arguments


def test_the_readme_shows_commands_at_all() -> None:
    assert len(commands(*PAGES)) > 8


def snippets() -> list[str]:
    return re.findall(r"```python\n(.*?)```", PAGES[0].read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("number", range(len(snippets())))
def test_every_snippet_of_python_in_the_readme_runs_in_any_folder(
    number: int, tmp_path: Path
) -> None:
    for package in ("pandas", "av", "trackers"):
        pytest.importorskip(package)
    from tests.helpers.pictures import photograph
    from tests.helpers.raw_affwild2 import film

    image = photograph("zidane.jpg")
    (tmp_path / "photos").mkdir()
    for name in ("photo.jpg", "photos/a.jpg"):
        (tmp_path / name).write_bytes(encode_jpeg(image))
    film(tmp_path / "clip.mp4", [image[:360, :640]] * 2, codec="libx264")
    script = tmp_path / "script.py"
    script.write_text(snippets()[number], "utf-8")
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


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
