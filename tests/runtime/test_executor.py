"""Jobs on several processes: results in order, few ahead of them, and no death is the end."""

from __future__ import annotations

import os
import signal
import time
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.runtime.executor import Compute, Workers
from yolo_fer.runtime.processes import WorkerLostError


def slow_at_first(number: int) -> tuple[int, int]:
    time.sleep(0.3 if number == 0 else 0)
    return number, os.getpid()


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


def refuse(number: int) -> None:
    raise YoloFerError(f"{number} is no good")


def test_results_come_in_the_order_of_the_items_from_other_processes() -> None:
    with Workers(2) as workers:
        results = list(workers.map_ordered(slow_at_first, range(9)))
        assert [number for number, _ in results] == list(range(9))
        assert len({pid for _, pid in results} - {os.getpid()}) == 2


def test_results_come_as_they_are_finished() -> None:
    with Workers(2) as workers:
        list(workers.map_ordered(slow_at_first, range(1, 9)))  # both processes have started
        finished = [item for item, _ in workers.as_finished(slow_at_first, range(4))]
    assert sorted(finished) == list(range(4))
    assert finished[-1] == 0


@pytest.mark.parametrize("method", ["map_ordered", "as_finished"])
@pytest.mark.parametrize("count", [1, 2])
def test_items_are_read_only_a_few_ahead_of_the_results(method: str, count: int) -> None:
    read = 0

    def items() -> Iterator[int]:
        nonlocal read
        for number in range(1000):
            read += 1
            yield number

    with Workers(count) as workers:
        results = getattr(workers, method)(abs, items())
        for _ in range(5):
            next(results)
        assert 5 <= read <= 5 + 4 * count


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


@pytest.mark.parametrize("count", [1, 2])
def test_an_error_of_a_job_is_the_error_of_the_run(count: int) -> None:
    with Workers(count) as workers, pytest.raises(YoloFerError, match="7 is no good"):
        list(workers.map_ordered(refuse, [7]))


def test_leaving_does_not_wait_for_jobs_under_way() -> None:
    started = time.monotonic()
    with Workers(2) as workers:
        results = workers.map_ordered(time.sleep, [0, 600, 600])
        next(results)
    assert time.monotonic() - started < 60


def test_the_number_of_workers_is_checked() -> None:
    with pytest.raises(UsageError, match="`workers` is -1"):
        Compute(-1)
    with pytest.raises(UsageError, match=r"`workers=2` .* `dask` is a cluster"):
        Compute(2, "tcp://127.0.0.1:8786")
