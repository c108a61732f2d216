"""A Dask cluster that runs jobs: connected to, examined before the first job, and waited for."""

from __future__ import annotations

import asyncio
import logging
import operator
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from yolo_fer.errors import MissingExtraError, YoloFerError, YoloFerWarning
from yolo_fer.paths import resolved
from yolo_fer.runtime.processes import use_one_thread

Result = TypeVar("Result")

# Not imported: what stands in its __init__ imports this.
_PACKAGE: Any = sys.modules["yolo_fer"]

_CONNECT_SECONDS = 10
_WORKERS_SECONDS = 120  # until a scheduler has its first worker
_RETURN_SECONDS = 120  # until a scheduler that went away is back
_ASK_SECONDS = 30  # between two questions to the scheduler whether it still knows all jobs


class DaskWorkers(Executor):
    """The workers of a Dask scheduler; each is a process that runs one job at a time.

    Args:
        address: where the scheduler listens, such as `tcp://host:8786`.
        sees: folders that all workers must see under the same absolute path.
        ready: called once in each worker before the first job; what it raises is an error. None
            calls nothing.

    Raises:
        MissingExtraError: if Dask's `distributed` is not installed.
        YoloFerError: if there is no scheduler at the address, it has no workers, or one of them
            cannot do the jobs: it has another version of yolo-fer, of Dask or of Python, runs
            several jobs in one process, does not see a folder, or is not ready.
    """

    def __init__(
        self, address: str, sees: Sequence[Path] = (), ready: Callable[[], object] | None = None
    ) -> None:
        self._address = address
        self._sees = sees
        self._ready = ready
        self._jobs: dict[Future[Any], Any] = {}
        """Those under way, with Dask's futures of them; whoever takes one out settles it."""
        self._has_gone = False  # the scheduler, with jobs of ours
        self._client = self._connect(_CONNECT_SECONDS)

    def count(self) -> int:
        """Return how many workers there are now, none while the scheduler is away."""
        try:
            return len(self._client.nthreads())
        except (OSError, AttributeError):  # a client that gave up has no scheduler to ask
            return 0

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """Run a function in one of the workers; see `concurrent.futures.Executor`.

        A job that the scheduler lost is cancelled, and whoever has its future submits it again. If
        the scheduler itself has gone, this cancels all its jobs and waits for it first.

        Raises:
            YoloFerError: if the scheduler does not come back, or its workers cannot do the jobs.
        """
        if self._has_gone or self._client.status != "running":
            self._reconnect()
        # Not pure: the same arguments must write the same files again.
        remote = self._client.submit(_run, _PACKAGE.__version__, fn, *args, pure=False, **kwargs)
        job: Future[Result] = Future()
        self._jobs[job] = remote
        self._client.loop.add_callback(self._settle, job, remote)
        return job

    def stop(self) -> None:
        """Take leave of the scheduler, which forgets the jobs that are not done."""
        with suppress(TimeoutError):  # it went away just now
            if self._client.status == "running":  # else it fails to tell us of our own leave
                self._client.unsubscribe_topic("all")
            self._client.close()
        for job in list(self._jobs):  # the client may have ended before it said so
            self._lose(job)

    def _reconnect(self) -> None:
        self._warn(f"went away; waiting {_RETURN_SECONDS} seconds for it to come back")
        self.stop()
        try:
            self._client = self._connect(_RETURN_SECONDS)
        except YoloFerError as error:
            raise YoloFerError(f"{error}. Then run the same command again with `resume`") from error
        self._has_gone = False

    async def _settle(self, job: Future[Any], remote: Any) -> None:
        """Wait for the outcome of a job, in the client's thread, and hand it to its future."""
        result, error, is_lost = None, None, False
        try:
            result = await remote
        except (Exception, asyncio.CancelledError) as raised:
            error = raised
            # The job may have ended well, and its result not arrive.
            is_broken = isinstance(error, OSError | asyncio.CancelledError)
            is_lost = remote.status != "error" and (is_broken or remote.status != "finished")
        if is_lost:
            self._lose(job)
        elif self._jobs.pop(job, None) is None:
            return  # it was lost before
        elif error is None:
            job.set_result(result)
        else:
            job.set_exception(error)

    def _lose(self, job: Future[Any]) -> None:
        """Cancel a job of a scheduler that has gone, or might as well have."""
        if self._jobs.pop(job, None) is not None:
            self._has_gone = True
            job.cancel()
            job.set_running_or_notify_cancel()  # wakes up who waits for it

    async def _watch(self, client: Any) -> None:
        """Ask the scheduler from time to time for the jobs, and lose those that it does not know.

        How long a job takes says nothing: it may be a video of hours, or wait for a worker. And a
        client may miss that its scheduler is another one now, or none.
        """
        suspects: set[Future[Any]] = set()
        while True:  # until the client ends, and its thread with it
            await asyncio.sleep(_ASK_SECONDS)
            keys = {job: remote.key for job, remote in list(self._jobs.items())}
            try:
                states = await client.scheduler.get_task_status(keys=list(keys.values()))
                has_workers = await client.scheduler.ncores(workers=None)
            except (OSError, AttributeError):  # a client that gave up has no scheduler
                states, has_workers = {}, True
            if keys and not has_workers:
                self._warn("has no workers left; waiting for new ones")
            unknown = {job for job, key in keys.items() if states.get(key) is None}
            for job in unknown & suspects:  # the second time: it is not just on its way there
                self._lose(job)
            suspects = unknown

    def _warn(self, what: str) -> None:
        warnings.warn(f"the Dask scheduler at {self._address} {what}", YoloFerWarning, stacklevel=3)

    def _connect(self, seconds: float) -> Any:
        try:
            from distributed import Client
            from distributed.comm import get_address_host_port
        except ImportError as error:
            raise MissingExtraError("distributed", "cluster", "`dask`") from error
        # Dask logs tracebacks when a scheduler goes away. The warning of this class is enough.
        for name in ("distributed.client", "distributed.batched"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            # A client of an address that is none would wait, and complain when the process ends.
            get_address_host_port(self._address)
            client = _within(
                seconds + 2, partial(Client, self._address, timeout=seconds, set_as_default=False)
            )
        except (OSError, ValueError, TypeError) as error:  # its TimeoutError is an OSError
            raise YoloFerError(
                f"there is no Dask scheduler at {self._address} ({error}). Start one with `dask "
                "scheduler` and workers with `dask worker ADDRESS --nworkers -1 --nthreads 1`, "
                "and give `dask` the address it prints"
            ) from error
        try:
            self._examine(client)
        except BaseException as error:
            client.close()
            if isinstance(error, OSError):
                raise YoloFerError(
                    f"the Dask scheduler at {self._address} went away while its workers were "
                    f"examined ({error})"
                ) from error
            raise
        client.subscribe_topic("all", self._warn_of_loss)
        client.loop.add_callback(self._watch, client)
        return client

    def _examine(self, client: Any) -> None:
        """Raise an error if a worker cannot do the jobs."""
        try:
            client.wait_for_workers(1, timeout=_WORKERS_SECONDS)
        except TimeoutError as error:
            raise YoloFerError(
                f"the Dask scheduler at {self._address} has no workers. Start some with `dask "
                f"worker {self._address} --nworkers -1 --nthreads 1`"
            ) from error
        for problem in self._problems(client):
            raise YoloFerError(f"the Dask cluster at {self._address} cannot be used: {problem}")

    def _problems(self, client: Any) -> Iterator[str]:
        versions = client.get_versions()
        ours = versions["client"]["packages"]
        theirs = {"the scheduler": versions["scheduler"], **versions["workers"]}
        for place, found in theirs.items():
            for name in ("distributed", "python"):
                if _release(found["packages"][name]) != _release(ours[name]):
                    yield (
                        f"{place} has {name} {found['packages'][name]}, this machine {ours[name]}; "
                        "install the same version everywhere"
                    )
        # A module travels as its name: each worker gives the version of its own.
        version = operator.attrgetter("__version__")
        for place, found in self._on_all(client, version, _PACKAGE):
            if found != _PACKAGE.__version__:
                yield (
                    f"{place} has yolo-fer {found}, this machine {_PACKAGE.__version__}; install "
                    "the same version everywhere"
                )
        for place, threads in client.nthreads().items():
            if threads != 1:
                yield (
                    f"{place} runs {threads} jobs in one process, where they would wait "
                    "for each other; start workers with `--nworkers -1 --nthreads 1`"
                )
        for folder in self._sees:
            for place, seen in self._on_all(client, Path.exists, resolved(folder)):
                if seen is not True:
                    yield f"{place} does not see {resolved(folder)}; workers need the same folders"
        if self._ready is not None:
            for place, error in self._on_all(client, _try, self._ready):
                if error is not None:
                    yield f"{place}: {error}"

    @staticmethod
    def _on_all(client: Any, function: Callable[..., Any], argument: Any) -> Iterator[Any]:
        """Yield each worker's address with what a function returns there, or its error."""
        answers: Mapping[str, Any] = client.run(function, argument, on_error="return")
        yield from answers.items()

    def _warn_of_loss(self, event: tuple[float, Mapping[str, Any]]) -> None:
        """Tell of a worker that ended unexpectedly; the scheduler gives its jobs to others."""
        message = event[1]
        if message.get("action") == "remove-worker" and not message.get("expected"):
            warnings.warn(
                f"the Dask worker {message['worker']} was lost; its jobs are done again",
                YoloFerWarning,
                stacklevel=2,
            )


def _within(seconds: float, function: Callable[[], Result]) -> Result:
    """Call a function that might never return: Dask's client, where something mute listens.

    Raises:
        TimeoutError: if it takes longer.
    """
    called: Future[Result] = Future()

    def call() -> None:
        try:
            called.set_result(function())
        except Exception as error:
            called.set_exception(error)

    threading.Thread(target=call, daemon=True).start()
    try:
        return called.result(seconds)
    except TimeoutError as error:
        raise TimeoutError(str(error) or "nothing answers there") from error


def _release(version: object) -> list[str]:
    """Return the parts of a version that have to agree: of Python's only 3.11, not 3.11.4."""
    parts = str(version).split(".")
    return parts[:2] if len(parts) > 3 else parts


def _try(ready: Callable[[], object]) -> str | None:
    try:
        ready()
    except Exception as error:
        return str(error) or type(error).__name__
    return None


def _run(version: str, function: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
    """Run a job in a worker, which may have joined after all others were examined."""
    if _PACKAGE.__version__ != version:
        raise YoloFerError(
            f"a Dask worker that joined later has yolo-fer {_PACKAGE.__version__}, not {version}; "
            "install the same version everywhere"
        )
    use_one_thread()
    return function(*args, **kwargs)
