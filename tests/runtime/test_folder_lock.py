"""Two processes never write one folder; one that was killed locks nobody out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.locks import held
from yolo_fer.convert.affectnet import convert_affectnet
from yolo_fer.convert.affwild2.conversion import convert_affwild2
from yolo_fer.convert.expw import convert_expw
from yolo_fer.convert.fer2013 import convert_fer2013
from yolo_fer.convert.folders import convert_folders
from yolo_fer.convert.merge.merging import merge_sets
from yolo_fer.convert.rafdb import convert_rafdb
from yolo_fer.errors import UsageError
from yolo_fer.evaluate.run_folder import run_folder
from yolo_fer.runtime.folder_lock import LOCK_NAME, holds_something, locked

WRITERS: tuple[Callable[..., Any], ...] = (
    convert_affectnet,
    convert_affwild2,
    convert_expw,
    convert_fer2013,
    convert_folders,
    convert_rafdb,
    merge_sets,
)


def test_a_second_process_is_refused_and_told_who_the_first_is(tmp_path: Path) -> None:
    with held(tmp_path / "out") as process:
        words = rf"being written by process {process.pid} on"
        with pytest.raises(UsageError, match=words), locked(tmp_path / "out"):
            pass
        with pytest.raises(UsageError, match="being written"), run_folder(tmp_path / "out"):
            pass
        for write in WRITERS:
            with pytest.raises(UsageError, match="being written"):
                write(tmp_path / "raw", tmp_path / "out", None)
        process.kill()
        process.wait()
        with run_folder(tmp_path / "out") as folder:  # what it left behind is no content
            (folder / "result").touch()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["result"]


def test_a_lock_leaves_nothing_behind(tmp_path: Path) -> None:
    with locked(tmp_path / "a" / "out"), locked(tmp_path / "a" / "out"):
        assert (tmp_path / "a" / "out" / LOCK_NAME).is_file()
        assert not holds_something(tmp_path / "a" / "out")
    assert list((tmp_path / "a").iterdir()) == []


def test_what_cannot_be_locked_is_left_to_the_writer_to_say(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with locked(tmp_path / "file"):
        pass
    assert (tmp_path / "file").is_file()
