"""`yolo-fer export`, where it cannot work."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("ultralytics")

from tests.helpers.command import yolo_fer
from yolo_fer.weights.store import resolve


def test_images_that_are_not_there_are_told_before_the_export(tmp_path: Path) -> None:
    weights = shutil.copy(resolve("yolo-fer-n.pt"), tmp_path / "best.pt")
    (tmp_path / "empty").mkdir()
    for folder, said in (
        ("empty", "no image and no video in this folder"),
        ("nowhere", "does not exist"),
    ):
        done = yolo_fer("export", "--weights", weights, "--verify", "--images", tmp_path / folder)
        assert done.returncode == 1
        assert said in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best.pt", "empty"]


def test_a_folder_where_a_file_is_written_is_told_in_the_words_of_the_command(
    tmp_path: Path,
) -> None:
    done = yolo_fer("export", "--weights", "yolo-fer-n.pt", "--out", tmp_path)
    assert done.returncode == 2
    assert "give --out a name for it, such as" in done.stderr
