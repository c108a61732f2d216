"""The folder of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.evaluate.run_folder import run_folder


def test_folders_are_numbered_and_none_is_used_twice(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        with run_folder(None, parent=tmp_path / "runs") as folder:
            (folder / "metrics.json").touch()
            names.append(folder.name)
    assert names == ["val", "val2", "val3"]


def test_a_run_that_fails_leaves_no_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), run_folder(tmp_path / "a" / "out"):
        raise RuntimeError
    assert not (tmp_path / "a" / "out").exists()


def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(UsageError, match="not an empty folder"), run_folder(tmp_path):
        pass
    with pytest.raises(UsageError, match="not an empty folder"), run_folder(tmp_path / "mine.txt"):
        pass
    assert (tmp_path / "mine.txt").exists()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(YoloFerError, match="cannot make"), run_folder(tmp_path / "file" / "out"):
        pass
