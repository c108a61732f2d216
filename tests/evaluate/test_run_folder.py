"""The folder of a run."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.evaluate.run_folder import run_folder
from yolo_fer.files import write_figure


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


def test_a_figure_that_cannot_be_written_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = Figure(figsize=(1, 1))
    write_figure(tmp_path / "old.png", figure, 100)
    whole = (tmp_path / "old.png").read_bytes()

    def full(path: Path, data: bytes) -> int:
        path.touch()
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    for name in ("old.png", "new.png"):
        with pytest.raises(OSError, match=rf"No space.*/{name}'$"):
            write_figure(tmp_path / name, figure, 100)
    assert [path.name for path in tmp_path.iterdir()] == ["old.png"]
    assert (tmp_path / "old.png").read_bytes() == whole


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(YoloFerError, match="cannot make"), run_folder(tmp_path / "file" / "out"):
        pass
