"""Jobs on several processes: results in order, few ahead of them, and no death is the end."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.runtime.executor import Compute, Workers


def slow_at_first(number: int) -> tuple[int, int]:
    time.sleep(0.3 if number == 0 else 0)
    return number, os.getpid()


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


@pytest.mark.parametrize("count", [1, 2])
def test_an_error_of_a_job_is_the_error_of_the_run(count: int) -> None:
    with Workers(count) as workers, pytest.raises(YoloFerError, match="7 is no good"):
        list(workers.map_ordered(refuse, [7]))


def test_the_number_of_workers_is_checked() -> None:
    with pytest.raises(UsageError, match="`workers` is -1"):
        Compute(-1)
    with pytest.raises(UsageError, match=r"`workers=2` .* `dask` is a cluster"):
        Compute(2, "tcp://127.0.0.1:8786")
