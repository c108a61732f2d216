"""A Dask cluster that runs jobs: connected to, examined before the first job, and waited for."""

from __future__ import annotations

import operator
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from yolo_fer.errors import MissingExtraError, YoloFerError, YoloFerWarning
from yolo_fer.runtime.processes import use_one_thread

Result = TypeVar("Result")

# Not imported: what stands in its __init__ imports this.
_PACKAGE: Any = sys.modules["yolo_fer"]

_CONNECT_SECONDS = 10
_WORKERS_SECONDS = 60  # until a scheduler has its first worker
_RETURN_SECONDS = 120  # until a scheduler that went away is back


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
        self._client = self._connect(_CONNECT_SECONDS)

    def count(self) -> int:
        """Return how many workers there are now, none while the scheduler is away."""
        try:
            return len(self._client.scheduler_info()["workers"])
        except OSError:
            return 0

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """Run a function in one of the workers; see `concurrent.futures.Executor`.

        If the scheduler has gone, wait for it first. Its jobs have gone with it: their futures are
        cancelled, and whoever has them submits them again.
        """
        if self._client.status != "running":
            warnings.warn(
                f"the Dask scheduler at {self._address} went away; waiting {_RETURN_SECONDS} "
                "seconds for it to come back",
                YoloFerWarning,
                stacklevel=2,
            )
            self.stop()
            try:
                self._client = self._connect(_RETURN_SECONDS)
            except YoloFerError as error:
                raise YoloFerError(
                    f"{error}. Then run the same command again with `resume`"
                ) from error
        # Not pure: the same arguments must write the same files again.
        executor = self._client.get_executor(pure=False)
        job: Future[Result] = executor.submit(_run, _PACKAGE.__version__, fn, *args, **kwargs)
        return job

    def stop(self) -> None:
        """Take leave of the scheduler, which forgets the jobs that have not begun."""
        self._client.close()

    def _connect(self, seconds: float) -> Any:
        try:
            from distributed import Client
            from distributed.comm import get_address_host_port
        except ImportError as error:
            raise MissingExtraError("distributed", "cluster", "`dask`") from error
        try:
            # A client of an address that is none would wait, and complain when the process ends.
            get_address_host_port(self._address)
            client = _within(
                seconds + 2, partial(Client, self._address, timeout=seconds, set_as_default=False)
            )
        except (OSError, ValueError, TypeError) as error:  # its TimeoutError is an OSError
            raise YoloFerError(
                f"there is no Dask scheduler at {self._address} ({error}). Start one with `dask "
                "scheduler` and workers with `dask worker ADDRESS --nworkers auto --nthreads 1`, "
                "and give `dask` the address it prints"
            ) from error
        try:
            self._examine(client)
        except BaseException:
            client.close()
            raise
        client.subscribe_topic("all", self._warn_of_loss)
        return client

    def _examine(self, client: Any) -> None:
        """Raise an error if a worker cannot do the jobs."""
        try:
            client.wait_for_workers(1, timeout=_WORKERS_SECONDS)
        except OSError as error:
            raise YoloFerError(
                f"the Dask scheduler at {self._address} has no workers. Start some with `dask "
                f"worker {self._address} --nworkers auto --nthreads 1`"
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
        for place, worker in client.scheduler_info()["workers"].items():
            if worker["nthreads"] != 1:
                yield (
                    f"{place} runs {worker['nthreads']} jobs in one process, where they would wait "
                    "for each other; start workers with `--nworkers auto --nthreads 1`"
                )
        for folder in self._sees:
            for place, seen in self._on_all(client, Path.exists, folder.resolve()):
                if seen is not True:
                    yield f"{place} does not see {folder.resolve()}; workers need the same folders"
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
