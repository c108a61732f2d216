"""A process that dies takes no other job with it, and its own is done again."""

from __future__ import annotations

import os
import signal
import time
import warnings
from functools import partial
from pathlib import Path

import pytest

from yolo_fer.runtime.executor import Workers
from yolo_fer.runtime.processes import WorkerLostError


def die_once(folder: Path, number: int) -> int:
    marker = folder / str(number)
    if number % 2 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_at_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_a_job_whose_process_died_is_done_again_and_reported(tmp_path: Path) -> None:
    with Workers(2) as workers, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        results = list(workers.map_ordered(partial(die_once, tmp_path), range(6)))
    assert results == list(range(6))
    assert len([w for w in told if "its job is done again" in str(w.message)]) == 3


@pytest.mark.filterwarnings("ignore:a worker process died")
@pytest.mark.parametrize("method", ["map_ordered", "as_finished"])
def test_a_job_that_kills_its_process_twice_ends_the_run(method: str) -> None:
    with Workers(2) as workers, pytest.raises(WorkerLostError, match=r"died 2 times.*`resume`"):
        list(getattr(workers, method)(die_at_three, range(6)))


@pytest.mark.filterwarnings("ignore:a worker process died")
def test_a_job_that_kills_its_process_twice_may_be_a_result_instead() -> None:
    with Workers(2) as workers:
        ordered = workers.map_ordered(die_at_three, range(6), lost=lambda number: -number)
        assert list(ordered) == [0, 1, 2, -3, 4, 5]
        finished = dict(workers.as_finished(die_at_three, range(6), lost=lambda number: -number))
        assert finished == {0: 0, 1: 1, 2: 2, 3: -3, 4: 4, 5: 5}


def test_leaving_does_not_wait_for_jobs_under_way() -> None:
    started = time.monotonic()
    with Workers(2) as workers:
        results = workers.map_ordered(time.sleep, [0, 600, 600])
        next(results)
    assert time.monotonic() - started < 60
