"""Predicting an archive: jobs to workers, what became of them to the ledger."""

from __future__ import annotations

import json
import platform
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from yolo_fer import __version__
from yolo_fer.archive.account import Account
from yolo_fer.archive.job import JobResult, Task, hashes_of, load, prepare, run_job
from yolo_fer.archive.options import ArchiveOptions
from yolo_fer.archive.parts import TIMELINES, TRACKS, Parts, open_folder
from yolo_fer.archive.plan import Plan
from yolo_fer.archive.sources import Job
from yolo_fer.archive.tries import killer
from yolo_fer.errors import UsageError, YoloFerError, YoloFerWarning
from yolo_fer.files import write_json
from yolo_fer.inputs.listing import warn_of_unused_files
from yolo_fer.inputs.object_store import is_object
from yolo_fer.outputs.sink import writing
from yolo_fer.paths import resolved
from yolo_fer.runtime.executor import Compute, Workers
from yolo_fer.runtime.folder_lock import locks_out
from yolo_fer.runtime.json_yaml import read_json
from yolo_fer.systems import Record

_PACKAGES = ("av", "numpy", "onnxruntime", "opencv-python", "pyarrow", "trackers")
_MOST_ROUNDS = 10
_READ_ME = {
    "faces": "a row per face: boxes in pixels, scores and probabilities from 0 to 1; "
    "pandas.read_parquet('.') here, or FROM 'faces/*.parquet' in DuckDB",
    "_sources": "the ledger, a row per source: frames, faces, seconds of the video, error",
    "_tracks": "a row per followed face of a video, if asked for",
    "_timelines": "a picture of each video's followed faces over time, if asked for",
}

Told = Callable[[JobResult], None]


@locks_out
def predict_archive(
    sources: tuple[str, ...],
    out: Path,
    options: ArchiveOptions,
    *,
    compute: Compute,
    resume: bool = False,
    overwrite: bool = False,
    told: Told = lambda _: None,
) -> Account:
    """Predict all images and videos of an archive into one table of faces.

    Sources are found while others are predicted, so the memory does not grow with their number.
    One that cannot be read, or whose worker dies twice, has a reason in the ledger and is not the
    end of the run.

    Args:
        sources: files, folders (searched through links), patterns, and `s3://bucket/folder`.
        out: the folder of the results.
        options: how the sources are predicted.
        compute: where that is done.
        resume: go on with a run that was stopped, with the same bytes as one that was not; sources
            that are new or changed are predicted, and the results of those that are gone removed.
        overwrite: replace the results of an archive.
        told: is called with what became of each job.

    Returns:
        The account of all sources, also of those that an earlier run did.

    Raises:
        UsageError: if an argument is not possible, or `resume` goes on with other options.
        YoloFerError: if nothing can be read (then earlier results are kept), results cannot be
            written, or workers cannot work.
    """
    options = _with_absolute_weights(options)
    plan = Plan(sources, out)
    open_folder(out, resume=resume, overwrite=overwrite)
    name, record = _system(options)
    parts = Parts(resolved(out), options.table_format)
    about = _about(sources, options, name, record)
    if parts.run_file.exists():
        if resume:
            _check_same(_read(parts.run_file), about, out)
        plan.check_there_is_something(resume)  # results are not removed for nothing
    reads_objects = any(map(is_object, sources))
    task = Task(
        parts,
        options,
        hashes_of(record),
        reads_videos=find_spec("av") is not None,
        reads_objects=reads_objects,
        on_gpu=options.system.is_on_gpu,
    )
    places = [*plan.places, parts.out]
    with compute.open_workers(sees=places, ready=partial(prepare, task)) as workers:
        if overwrite:
            parts.remove()
        parts.make_folders(*[TRACKS] * options.summary, *[TIMELINES] * options.timeline)
        parts.forget_tries()
        with writing(parts.run_file):
            write_json(parts.run_file, {**about, "complete": False})
        _Run(task, workers, told).run(plan)
    return _finish(parts, plan, about)


class _Run:
    """The jobs of a run, and the rounds in which those that failed are done again."""

    def __init__(self, task: Task, workers: Workers, told: Told) -> None:
        self._task, self._workers, self._told = task, workers, told
        self._warned: set[str] = set()
        self._again: list[Job] = []
        self._unwritten = False  # by the last job that ended

    def run(self, plan: Plan) -> None:
        """Do all jobs that are not done yet.

        Raises:
            YoloFerError: if two jobs, one after the other, could not be written.
        """
        self._round(self._left(plan))
        for _ in range(_MOST_ROUNDS):
            if not self._again:
                return
            jobs, self._again = self._again, []
            self._round(jobs)
        # What is left loses its workers without a trace of the source that they were at.
        hopeless, self._again = self._again, []
        self._round(replace(job, given_up=frozenset(range(len(job.sources)))) for job in hopeless)

    def _left(self, plan: Plan) -> Iterator[Job]:
        for job in plan:
            if self._task.parts.is_done(job.name):
                self._told(JobResult(kept=len(job.sources)))
            else:
                yield job

    def _round(self, jobs: Iterable[Job]) -> None:
        work = partial(run_job, self._task)
        for job, result in self._workers.as_finished(work, jobs, _lost):
            for message in result.warnings:
                if message not in self._warned:
                    self._warned.add(message)
                    warnings.warn(message, YoloFerWarning, stacklevel=2)
            if result.rows:
                self._unwritten = False
            elif result.problem is None:
                self._again.append(self._without_killer(job))
            elif self._unwritten:
                raise YoloFerError(
                    f"{result.problem}. What was done before is kept: mend it, and run the same "
                    "command with `resume`"
                )
            else:
                self._unwritten = True
                self._again.append(job)
            self._told(result)

    def _without_killer(self, job: Job) -> Job:
        """Return a job whose workers died, without the source at which two of them did."""
        marks = self._task.parts.marks(job.name)
        if self._task.reads_ahead(job):  # then the marks are ahead, too
            marks.unlink(missing_ok=True)
            return replace(job, one_by_one=True)
        index = killer(marks)
        if index is None:
            return job
        marks.unlink(missing_ok=True)
        return replace(job, given_up=job.given_up | {index})


def _lost(_: Job) -> JobResult:
    """Return the result of a job whose workers died."""
    return JobResult()


def _with_absolute_weights(options: ArchiveOptions) -> ArchiveOptions:
    """Return the options with weights that workers in other folders find."""
    choice = options.system.choice
    if choice.weights is None or not Path(choice.weights).exists():
        return options
    choice = replace(choice, weights=str(Path(choice.weights).absolute()))
    return replace(options, system=replace(options.system, choice=choice))


def _system(options: ArchiveOptions) -> tuple[str, Record]:
    """Load the system, so that what is wrong with it is told first, and forget it again."""
    system, record = load(options.system)
    return system.name, record


def _about(
    sources: tuple[str, ...], options: ArchiveOptions, system: str, record: Record
) -> dict[str, Any]:
    return {
        "read_me": _READ_ME,
        "sources": list(sources),
        "system": system,
        "weights": list(hashes_of(record)),
        "options": options.to_json(record),
        "yolo_fer": __version__,
        "versions": {"python": platform.python_version(), **dict(_versions())},
    }


def _versions() -> Iterator[tuple[str, str]]:
    for name in _PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def _read(path: Path) -> dict[str, Any]:
    try:
        about = read_json(path)
        if not all(isinstance(about[key], dict) for key in ("options", "versions")):
            raise TypeError("it is not that of an archive")
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise YoloFerError(f"{path} cannot be used ({error}); give another `out`") from error
    return dict(about)


def _check_same(before: dict[str, Any], now: dict[str, Any], out: Path) -> None:
    """Make sure that a run goes on as it began.

    Raises:
        UsageError: if not; it says what differs.
    """
    old, new = ({**about, **about.get("options", {})} for about in (before, now))
    differ = [
        f"{name} is {_plain(new.get(name))} and was {_plain(old.get(name))}"
        for name in ("sources", "weights", "yolo_fer", *now["options"])
        if old.get(name) != json.loads(json.dumps(new.get(name)))
    ]
    if differ:
        raise UsageError(
            f"`resume` cannot go on in {out} with something else: {'; '.join(differ)}. Run it with "
            "what it began with, or give another `out`"
        )
    if before.get("versions") != now["versions"]:
        found = before["versions"].items()
        was = ", ".join(f"{name} {v}" for name, v in found if now["versions"].get(name) != v)
        warnings.warn(
            f"{out} was begun with other versions ({was}); what is predicted now may differ in the "
            "last digits",
            YoloFerWarning,
            stacklevel=3,
        )


def _plain(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else json.dumps(value)


def _finish(parts: Parts, plan: Plan, about: dict[str, Any]) -> Account:
    """Remove what is not of this archive, add everything up, and say that it is complete."""
    superseded = parts.superseded(plan.digests)
    if not plan.unreadable:
        for path in superseded:
            path.unlink()
    elif superseded:
        warnings.warn(
            f"results of sources that were not found are kept ({superseded[0]} and so on), since "
            f"{plan.unreadable[0]} could not be searched; make it readable and `resume`",
            YoloFerWarning,
            stacklevel=2,
        )
    warn_of_unused_files(plan.left_out)
    parts.clean_up()
    account = parts.account()
    if account.sources < plan.found:  # a fault of ours, which must not pass for a result
        raise YoloFerError(
            f"only {account.sources} of {plan.found} sources are in the ledger in {parts.out}; "
            "results were removed while it ran. Run the same command with `resume`"
        )
    with writing(parts.run_file):
        write_json(parts.run_file, {**about, "complete": True, "account": account.to_json()})
    return account
