"""Jobs on a Dask cluster: examined before the first job, and none is lost with a worker."""

from __future__ import annotations

import os
import re
import signal
import socket
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.dask_clusters import ROOT, free_port, scheduler, wait_for_workers, worker
from yolo_fer.errors import YoloFerError, YoloFerWarning
from yolo_fer.runtime import cluster
from yolo_fer.runtime.executor import Workers
from yolo_fer.runtime.processes import WorkerLostError

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a worker longer than a user would: a busy machine starts it slowly."""
    monkeypatch.setattr(cluster, "_WORKERS_SECONDS", 300)


@pytest.fixture(scope="module")
def two() -> Iterator[str]:
    """Yield the address of a scheduler with two workers."""
    with scheduler() as address, worker(address), worker(address):
        wait_for_workers(address, 2)
        yield address


def write_pid(folder: Path, number: int) -> int:
    (folder / str(number)).write_text(str(os.getpid()))
    time.sleep(0.1)
    return number


def wait_for_leave(folder: Path, number: int) -> int:
    """Note that a job was begun, and do not end it before the folder has a file `go`."""
    (folder / f"{number}-{time.monotonic_ns()}").touch()
    while not (folder / "go").exists():
        time.sleep(0.05)
    return number


def forget_all_jobs(dask_scheduler: Any) -> None:
    """Let a scheduler forget all jobs, and tell none of its clients."""
    for name, client in dask_scheduler.clients.items():
        keys = [task.key for task in client.wants_what]
        dask_scheduler.client_releases_keys(keys=keys, client=name, stimulus_id="test")


def lose_a_result(dask_scheduler: Any) -> None:
    """Let a scheduler break off where it is next asked for a result."""
    gather = dask_scheduler.handlers["gather"]

    def break_off(*_: object, **__: object) -> None:
        dask_scheduler.handlers["gather"] = gather
        raise OSError("broken off")

    dask_scheduler.handlers["gather"] = break_off


def die_at_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def not_ready() -> None:
    raise YoloFerError("the weights are not here")


def refused(address: str, **how: Any) -> str:
    """Return the error of a cluster that cannot be used."""
    with pytest.raises(YoloFerError) as error:
        Workers(dask=address, **how).__enter__()
    return str(error.value)


def test_results_come_in_order_from_all_workers(two: str, tmp_path: Path) -> None:
    with Workers(dask=two, sees=[tmp_path], ready=tmp_path.exists) as workers:
        results = list(workers.map_ordered(partial(write_pid, tmp_path), range(20)))
        assert results == list(range(20))
        finished = workers.as_finished(partial(write_pid, tmp_path), range(20))
        assert sorted(finished) == [(number, number) for number in range(20)]
    assert len({file.read_text() for file in tmp_path.iterdir()}) == 2


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:9", "nonsense", "http://127.0.0.1:80", "tcp://"]
)
def test_an_address_without_a_scheduler_is_named(address: str) -> None:
    assert re.search(f"there is no Dask scheduler at {address} .*dask sched", refused(address))


def test_something_else_that_listens_is_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        assert "there is no Dask scheduler" in refused(address)


def test_a_scheduler_without_workers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_WORKERS_SECONDS", 2)
    with scheduler() as address:
        assert "has no workers" in refused(address)


def test_a_worker_with_another_version_is_found_before_the_first_job(tmp_path: Path) -> None:
    other = tmp_path / "yolo_fer"
    other.mkdir()
    (other / "__init__.py").write_text('__version__ = "0.0.7"\n')
    with (
        scheduler() as address,
        worker(address, PYTHONPATH=str(tmp_path)),
        pytest.raises(YoloFerError, match=r"tcp://.* has yolo-fer 0\.0\.7, this machine 0\.1"),
    ):
        Workers(dask=address).__enter__()


def test_a_worker_with_another_version_that_joins_later_does_no_job(tmp_path: Path) -> None:
    other = tmp_path / "yolo_fer"
    other.mkdir()
    (other / "__init__.py").write_text(
        f"__version__, __path__ = '0.0.7', [{str(ROOT / 'yolo_fer')!r}]\n"
    )
    with (
        scheduler() as address,
        worker(address),
        Workers(dask=address) as workers,
        worker(address, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}"),
    ):
        wait_for_workers(address, 2)
        with pytest.raises(YoloFerError, match=r"that joined later has yolo-fer 0\.0\.7"):
            list(workers.map_ordered(partial(write_pid, tmp_path), range(40)))


def test_a_worker_without_yolo_fer_is_found_before_the_first_job(tmp_path: Path) -> None:
    (tmp_path / "yolo_fer.py").write_text("raise ImportError('no yolo-fer here')\n")
    with (
        scheduler() as address,
        worker(address, PYTHONPATH=str(tmp_path)),
        pytest.raises(YoloFerError, match=r"cannot be used: .*no yolo-fer here"),
    ):
        Workers(dask=address).__enter__()


def test_another_version_of_dask_is_named(two: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import versions

    ours = versions.get_versions

    def older(packages: object = None) -> dict[str, dict[str, object]]:
        found = ours([])
        found["packages"]["distributed"] = "2024.1.0"
        return found

    monkeypatch.setattr(versions, "get_versions", older)
    assert re.search(r"the scheduler has distributed .*this machine 2024", refused(two))


def test_workers_that_share_a_process_are_refused(tmp_path: Path) -> None:
    with (
        scheduler() as address,
        worker(address, "--nthreads", "2"),
        pytest.raises(YoloFerError, match=r"runs 2 jobs in one process.*--nthreads 1"),
    ):
        Workers(dask=address).__enter__()


def test_a_worker_that_does_not_see_a_folder_or_is_not_ready_is_named(two: str) -> None:
    with pytest.raises(YoloFerError, match="does not see /nowhere/at/all"):
        Workers(dask=two, sees=[Path("/nowhere/at/all")]).__enter__()
    assert re.search(r"tcp://.*: the weights are not here", refused(two, ready=not_ready))


def test_a_lost_worker_is_reported_and_its_job_done_by_another(tmp_path: Path) -> None:
    with scheduler() as address, worker(address), worker(address) as second:
        killer = threading.Timer(1, second.send_signal, [signal.SIGKILL])
        with warnings.catch_warnings(record=True) as told, Workers(dask=address) as workers:
            warnings.simplefilter("always")
            killer.start()
            results = list(workers.map_ordered(partial(write_pid, tmp_path), range(40)))
            time.sleep(1)  # news of it travels by itself
    assert results == list(range(40))
    assert any("was lost; its jobs are done again" in str(w.message) for w in told)


@pytest.mark.filterwarnings("ignore:the Dask worker")
def test_a_job_that_kills_all_its_workers_is_an_error_or_a_result() -> None:
    with scheduler() as address, ExitStack() as stack:
        for _ in range(9):
            stack.enter_context(worker(address))
        wait_for_workers(address, 9)
        with Workers(dask=address) as workers:
            lost = dict(workers.as_finished(die_at_three, range(6), lost=lambda number: -number))
            assert lost == {0: 0, 1: 1, 2: 2, 3: -3, 4: 4, 5: 5}
            with pytest.raises(WorkerLostError, match="died each time"):
                list(workers.map_ordered(die_at_three, range(6)))


@pytest.mark.parametrize("method", ["map_ordered", "as_finished"])
def test_jobs_that_the_scheduler_forgot_are_done_again_and_counted_once(
    two: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    from distributed import Client

    monkeypatch.setattr(cluster, "_ASK_SECONDS", 1)

    def forget() -> None:
        while not any(tmp_path.iterdir()):
            time.sleep(0.05)
        with Client(two, set_as_default=False) as other:
            other.run_on_scheduler(forget_all_jobs)
        (tmp_path / "go").touch()

    threading.Thread(target=forget).start()
    with (
        pytest.warns(YoloFerWarning, match="went away; waiting"),
        Workers(dask=two) as workers,
    ):
        work = partial(wait_for_leave, tmp_path)
        results = list(getattr(workers, method)(work, range(6)))
    numbers = range(6) if method == "map_ordered" else [(number, number) for number in range(6)]
    assert sorted(results) == list(numbers)
    assert len([*tmp_path.glob("?-*")]) > 6


def test_a_job_whose_result_does_not_arrive_is_done_again(two: str, tmp_path: Path) -> None:
    from distributed import Client

    with Client(two, set_as_default=False) as other:
        other.run_on_scheduler(lose_a_result)
    with pytest.warns(YoloFerWarning, match="went away; waiting"), Workers(dask=two) as workers:
        results = list(workers.map_ordered(partial(write_pid, tmp_path), range(4)))
    assert results == list(range(4))


def test_nothing_waits_for_what_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    import distributed

    monkeypatch.delattr(distributed.Client, "__init__")
    for address in ("", "nonsense", "file:///x", "tcp://me:secret@host:1"):
        assert "no Dask scheduler at" in refused(address)


@pytest.mark.filterwarnings("ignore:the Dask")
def test_a_scheduler_that_stays_away_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_RETURN_SECONDS", 2)
    with ExitStack() as stack:
        address = stack.enter_context(scheduler())
        stack.enter_context(worker(address))
        with Workers(dask=address) as workers:
            results = workers.map_ordered(partial(write_pid, tmp_path), range(1000))
            next(results)
            stack.close()
            with pytest.raises(YoloFerError, match=r"no Dask scheduler at .* with `resume`"):
                list(results)


def test_a_scheduler_that_dies_and_comes_back_costs_only_time(tmp_path: Path) -> None:
    port = free_port()
    with ExitStack() as back, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with ExitStack() as first:
            address = first.enter_context(scheduler(port))
            first.enter_context(worker(address))
            with Workers(dask=address) as workers:
                results = workers.map_ordered(partial(write_pid, tmp_path), range(30))
                done = [next(results) for _ in range(5)]
                first.close()

                def restart() -> None:
                    back.enter_context(scheduler(port))
                    back.enter_context(worker(address))

                threading.Timer(2, restart).start()
                done += results
    assert done == list(range(30))
    assert any("waiting 120 seconds for it to come back" in str(w.message) for w in told)
