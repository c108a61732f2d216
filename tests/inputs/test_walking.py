"""Folders are walked in one way: through links, never in circles."""

from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.errors import YoloFerError, YoloFerWarning
from yolo_fer.inputs.walking import files_below, matches_of, walk


def files(root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in files_below(root)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """`in/a/1.jpg`, and `elsewhere/2.jpg` to which `in/more` leads."""
    for name in ("in/a/1.jpg", "elsewhere/2.jpg"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    (tmp_path / "in" / "more").symlink_to(tmp_path / "elsewhere")
    return tmp_path / "in"


def test_linked_folders_are_walked_as_if_they_were_folders(root: Path) -> None:
    assert files(root) == ["a/1.jpg", "more/2.jpg"]


@pytest.mark.parametrize("target", [".", "..", "../in"])
def test_a_link_that_leads_back_ends_nothing_and_adds_nothing(root: Path, target: str) -> None:
    (root / "a" / "loop").symlink_to(root / target)
    found = files(root)
    assert "a/1.jpg" in found
    assert found.count("a/1.jpg") == 1
    assert len(found) == len(set(found)) < 8


def test_two_links_to_a_folder_give_it_twice_unless_once_is_enough(root: Path) -> None:
    (root / "again").symlink_to(root.parent / "elsewhere")
    assert files(root) == ["a/1.jpg", "again/2.jpg", "more/2.jpg"]
    assert [name for _, _, names in walk(root, once=True) for name in names] == ["1.jpg", "2.jpg"]


def test_links_that_lead_everywhere_are_an_error_and_no_endless_walk(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / str(number)).mkdir()
        for other in range(6):
            (tmp_path / str(number) / str(other)).symlink_to(tmp_path / str(other))
    with pytest.raises(YoloFerError, match="more than 50 ways; remove some"):
        list(walk(tmp_path))


def test_a_link_to_nothing_is_a_file(root: Path) -> None:
    (root / "lost.jpg").symlink_to("nowhere")
    assert "lost.jpg" in files(root)


def test_a_folder_that_cannot_be_read_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    scandir = os.scandir

    def denied(path: str) -> object:
        if str(path).endswith("/a"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", denied)
    with pytest.warns(YoloFerWarning, match=r"in/a: this folder cannot be read \(Permission"):
        assert files(root) == ["more/2.jpg"]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("in/*/*.jpg", ["in/a/1.jpg", "in/more/2.jpg"]),
        ("in/**/[12].jpg", ["in/a/1.jpg", "in/more/2.jpg"]),
        ("**/2.jpg", ["elsewhere/2.jpg", "in/more/2.jpg"]),
        ("in/*.jpg", []),
        ("nowhere/*.jpg", []),
    ],
)
def test_patterns_follow_links_too(
    root: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, names: list[str]
) -> None:
    monkeypatch.chdir(root.parent)
    assert [path.as_posix() for path in matches_of(pattern)[1]] == names
