from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.helpers.locks import held
from yolo_fer.app.result_files import Results, remove_left_over, uploads
from yolo_fer.errors import YoloFerError
from yolo_fer.runtime.folder_lock import LOCK_NAME


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_visitor_who_leaves_takes_the_results_along(tmp_path: Path) -> None:
    results = Results(tmp_path, 60)
    for visitor in ("a", "a", "b"):
        with results.job(visitor) as folder:
            (folder / f"{visitor}.txt").touch()
    results.forget("a")
    assert _files(tmp_path) == ["b.txt"]
    results.forget("nobody")


def test_a_job_that_is_broken_off_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Results(tmp_path, 60).job("a") as folder:
        (folder / "x").touch()
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_what_is_old_goes_and_what_is_new_stays(tmp_path: Path) -> None:
    results = Results(tmp_path, 1000)
    with results.job("a") as old, results.job("a") as new:
        (old / "old").touch()
        (new / "new").touch()
    (tmp_path / "broken upload").touch()
    (tmp_path / "upload under way").touch()
    for path, age in ((old / "old", 2000), (old, 2000), (tmp_path / "broken upload", 100)):
        os.utime(path, (time.time() - age,) * 2)
    results.forget_old()
    results.forget_old()  # a folder becomes younger when it loses a file
    assert _files(tmp_path) == ["new", "upload under way"]


def test_uploads_are_deleted_after_use_also_behind_an_error(tmp_path: Path) -> None:
    (tmp_path / "hash").mkdir()
    path = tmp_path / "hash" / "x.jpg"
    path.touch()
    with pytest.raises(ValueError, match="bad"), uploads([str(path)], tmp_path) as (found,):
        assert found.exists()
        raise ValueError("bad")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_page_left_behind_goes_and_nothing_else(tmp_path: Path) -> None:
    killed, runs = tmp_path / "yolo-fer-app-killed", tmp_path / "yolo-fer-app-runs"
    others = tmp_path / "yolo-fer-app-of-somebody-else", tmp_path / "precious"
    for folder in (killed, runs, *others):
        folder.mkdir()
        (folder / "upload").touch()
    (killed / LOCK_NAME).touch()
    with held(runs):
        remove_left_over(tmp_path)
        assert not killed.exists()
        assert all((folder / "upload").exists() for folder in (runs, *others))


def test_the_lock_of_a_page_does_not_grow_old(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).touch()
    os.utime(tmp_path / LOCK_NAME, (0, 0))
    Results(tmp_path, 1).forget_old()
    assert (tmp_path / LOCK_NAME).exists()


@pytest.mark.parametrize("name", ["../outside.jpg", "folder/../../outside.jpg"])
def test_a_file_that_nobody_uploaded_is_neither_read_nor_deleted(tmp_path: Path, name: str) -> None:
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    outside = tmp_path / "outside.jpg"
    outside.touch()
    with (
        pytest.raises(YoloFerError),
        uploads([str(root / name)], root),
    ):
        raise AssertionError
    assert outside.exists()
