"""A training of Ultralytics is gone on with where its note says that it is of the same data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from yolo_fer.errors import YoloFerError
from yolo_fer.train.detector.run import RunNote, newest_unfinished


def write_run(folder: Path, data: Path, epoch: int, modified: int) -> Path:
    torch = pytest.importorskip("torch")
    last = folder / "weights" / "last.pt"
    last.parent.mkdir(parents=True)
    torch.save({"epoch": epoch, "model": None}, last)
    RunNote("yofo", str(data.resolve())).write(folder)
    os.utime(next(folder.glob("*.json")), (modified, modified))
    return last


def test_a_note_is_read_as_it_was_written(tmp_path: Path) -> None:
    note = RunNote(None, str(tmp_path / "data.yaml"))
    note.write(tmp_path)
    assert RunNote.read(tmp_path) == note
    assert RunNote.read(tmp_path / "nowhere") is None


def test_the_newest_unfinished_run_on_the_data_is_gone_on_with(tmp_path: Path) -> None:
    pytest.importorskip("ultralytics")
    data, runs = tmp_path / "data.yaml", tmp_path / "runs"
    write_run(runs / "older", data, epoch=3, modified=1)
    wanted = write_run(runs / "newer", data, epoch=3, modified=2)
    write_run(runs / "finished", data, epoch=-1, modified=3)
    write_run(runs / "of other data", tmp_path / "other.yaml", epoch=3, modified=4)
    assert newest_unfinished(runs, data) == (wanted, RunNote("yofo", str(data.resolve())))
    with pytest.raises(YoloFerError, match="no unfinished run"):
        newest_unfinished(tmp_path / "nowhere", data)
