"""Workers that die cost nothing but time, and a source that kills them is only a failure."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.helpers.archives import (
    DEADLY,
    content,
    draw,
    options,
    predict,
    run_deadly_job,
    run_job_that_dies_once,
    table,
)
from tests.helpers.dask_clusters import scheduler, wait_for_workers, worker
from yolo_fer.archive import run
from yolo_fer.errors import YoloFerWarning


@pytest.mark.slow
def test_two_workers_write_the_same_bytes_and_a_lost_one_costs_nothing(
    archive: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict(archive, tmp_path / "one", options(weights, track=True))
    predict(archive, tmp_path / "two", options(weights, track=True), workers=2)
    assert content(tmp_path / "two") == content(tmp_path / "one")
    monkeypatch.setattr(run, "run_job", run_job_that_dies_once)
    with pytest.warns(YoloFerWarning, match="a worker process died"):
        predict(archive, tmp_path / "out", options(weights, track=True), workers=2)
    assert content(tmp_path / "out") == content(tmp_path / "one")


@pytest.mark.slow
def test_a_source_that_kills_its_workers_is_a_failure_and_not_the_end(
    archive: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        draw(archive / f"c{number}.png", number)
    draw(archive / DEADLY)
    monkeypatch.setattr(run, "run_job", run_deadly_job)
    with pytest.warns(YoloFerWarning, match="a worker process died"):
        account = predict(archive, tmp_path / "out", options(weights), workers=2)
    assert (account.sources, dict(account.failed)) == (10, {"worker_died": 1})
    assert re.search("deadly.png: the process that reads it dies", str(account.failed.examples))
    assert len(table(tmp_path / "out" / "faces")) == 7 + 19
    monkeypatch.undo()
    healed = predict(archive, tmp_path / "out", options(weights), resume=True)
    assert (healed.done, healed.failed.total()) == (10, 0), "what may go better is tried again"
    predict(archive, tmp_path / "whole", options(weights))
    assert content(tmp_path / "out") == content(tmp_path / "whole")


@pytest.mark.slow
def test_on_a_cluster_a_lost_worker_costs_nothing_and_a_deadly_source_is_a_failure(
    archive: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    predict(archive, tmp_path / "one", options(weights))
    twice = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    with scheduler(**twice) as address, ExitStack() as stack:
        for _ in range(6):  # one dies in the first run, and up to four in the second
            stack.enter_context(worker(address))
        wait_for_workers(address, 6)
        monkeypatch.setattr(run, "run_job", run_job_that_dies_once)
        with pytest.warns(YoloFerWarning, match="was lost; its jobs are done again"):
            predict(archive, tmp_path / "out", options(weights), dask=address)
        assert content(tmp_path / "out") == content(tmp_path / "one")
        draw(archive / DEADLY)
        monkeypatch.setattr(run, "run_job", run_deadly_job)
        with pytest.warns(YoloFerWarning, match="was lost; its jobs are done again"):
            account = predict(archive, tmp_path / "deadly", options(weights), dask=address)
    assert (account.done, dict(account.failed)) == (4, {"worker_died": 1})
    assert re.search("deadly.png: the process that reads it dies", str(account.failed.examples))
