"""A worker does its jobs with the weights of the run, or none."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.archives import options
from tests.helpers.graphs import raw_output, write_constant
from yolo_fer.archive.account import SourceRow
from yolo_fer.archive.job import Task, hashes_of, load, prepare, run_job
from yolo_fer.archive.parts import Parts
from yolo_fer.archive.plan import Plan
from yolo_fer.archive.sources import Job
from yolo_fer.archive.tries import Tries
from yolo_fer.errors import MissingExtraError, YoloFerError
from yolo_fer.outputs.face_table import TableFormat


@pytest.fixture
def task(weights: Path, tmp_path: Path) -> Task:
    parts = Parts(tmp_path / "out", TableFormat.CSV)
    parts.make_folders()
    how = options(weights)
    return Task(parts, how, hashes_of(load(how.system)[1]))


@pytest.fixture
def job(archive: Path) -> Job:
    return next(iter(Plan([str(archive)], Path("nowhere"))))


def test_a_worker_with_the_weights_of_the_run_is_ready(task: Task, job: Job) -> None:
    prepare(task)
    (row,) = run_job(task, job).rows
    assert (row.frames, row.faces, row.error) == (12, 12, "")
    assert task.parts.is_done(job.name)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among files")
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(task: Task, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.mp4")
    (row,) = run_job(task, next(iter(Plan([str(tmp_path / "x.mp4")], Path("nowhere"))))).rows
    assert row.error == "empty_video"


def test_a_worker_with_other_weights_does_nothing(task: Task, job: Job, tmp_path: Path) -> None:
    other = write_constant(tmp_path / "one.onnx", raw_output(((9, 9, 99, 99), {1: 0.9})))
    there = replace(task, options=options(other))
    with pytest.raises(YoloFerError, match=r"those of the run .*copy the same files"):
        prepare(there)
    result = run_job(there, job)  # of a worker that joined late
    assert result.rows == ()
    assert "copy the same files" in str(result.problem)
    assert not task.parts.is_done(job.name)
    assert not list((tmp_path / "out" / "faces").iterdir())


def test_a_worker_without_the_weights_says_which(task: Task, tmp_path: Path) -> None:
    with pytest.raises(YoloFerError, match=r"gone\.onnx"):
        prepare(replace(task, options=options(tmp_path / "gone.onnx")))


def test_a_worker_that_cannot_read_videos_says_so_and_blames_none(
    task: Task, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtraError, match=r"yolo-fer\[stream\]"):
        prepare(task)
    assert "needs the package 'av'" in str(run_job(task, job).problem)
    prepare(replace(task, reads_videos=False))


def test_the_marks_are_closed_before_they_are_removed(
    task: Task, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows removes no file that is open."""
    done: list[str] = []
    close, finish = Tries.__exit__, Parts.finish_job

    def noted_close(tries: Tries, *error: object) -> None:
        done.append("closed")
        close(tries, *error)

    def noted_finish(parts: Parts, name: str, rows: Sequence[SourceRow]) -> None:
        done.append("finished")
        finish(parts, name, rows)

    monkeypatch.setattr(Tries, "__exit__", noted_close)
    monkeypatch.setattr(Parts, "finish_job", noted_finish)
    assert len(run_job(task, job).rows) == 1
    assert done == ["closed", "finished"]


def test_threads_read_ahead_where_the_system_is_on_a_gpu(task: Task, job: Job) -> None:
    assert not task.reads_ahead(job)
    assert replace(task, on_gpu=True).reads_ahead(job)
    assert not replace(task, on_gpu=True).reads_ahead(replace(job, one_by_one=True))
