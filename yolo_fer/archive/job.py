"""One job of an archive, as a worker does it: some sources in, files of one name out."""

from __future__ import annotations

import io
import socket
import warnings
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TextIO

from yolo_fer.archive.account import SourceRow
from yolo_fer.archive.fetching import NotFetchedError, as_file
from yolo_fer.archive.options import ArchiveOptions
from yolo_fer.archive.parts import Parts
from yolo_fer.archive.source_rows import checked, failed, image_row, with_frame
from yolo_fer.archive.sources import Job, Source
from yolo_fer.archive.tries import Tries
from yolo_fer.detector import Detector
from yolo_fer.errors import FileFault, MissingExtraError, YoloFerError, YoloFerWarning
from yolo_fer.files import write_atomically
from yolo_fer.inputs.ffmpeg import import_av
from yolo_fer.inputs.frame_source import AHEAD, FileSource
from yolo_fer.inputs.listing import ImageInput
from yolo_fer.inputs.object_store import require_store
from yolo_fer.outputs.face_table import FaceTableSink
from yolo_fer.outputs.sink import Sink, writing
from yolo_fer.outputs.timeline_sink import TimelineSink
from yolo_fer.outputs.track_summary import write_summaries
from yolo_fer.predict.image_files import predict_images
from yolo_fer.predict.predicted import Predicted
from yolo_fer.predict.stream import predict_stream
from yolo_fer.predict.summary import TrackSummaries
from yolo_fer.results import Prediction
from yolo_fer.systems import Record, SystemOptions, describe
from yolo_fer.two_stage.system import FaceSystem


@dataclass(frozen=True, slots=True)
class Task:
    """What all jobs of an archive have in common.

    Args:
        parts: where the results go.
        options: how the sources are predicted.
        hashes: the SHA-256 of the networks with which the archive is predicted.
        reads_videos: whether videos can be read where the run was started.
        reads_objects: whether some of it lies in an object store.
        on_gpu: whether the system is on a GPU where the run was started.
    """

    parts: Parts
    options: ArchiveOptions
    hashes: tuple[str, ...]
    reads_videos: bool = True
    reads_objects: bool = False
    on_gpu: bool = False

    def load(self) -> Detector | FaceSystem:
        """Load the system, once in each process.

        Raises:
            YoloFerError: if its weights are missing, or are not those of the run.
        """
        return _load_once(self.options.system, self.hashes)

    def reads_ahead(self, job: Job) -> bool:
        """Tell whether threads read while the network runs.

        They do not where processes use all cores; but an image of an object store may take longer
        to come than to be predicted.
        """
        first = job.sources[0]
        is_far = first.is_object and first.kind == "image"
        return (self.on_gpu or is_far) and not job.one_by_one


@dataclass(frozen=True, slots=True)
class JobResult:
    """What became of a job.

    Args:
        rows: those of its sources in the ledger; none if it is not done.
        kept: how many of its sources an earlier run did, so that there was nothing to do.
        warnings: what a user should know, each once.
        problem: why it is not done, although its worker lives: a full disk, most of the time.
    """

    rows: tuple[SourceRow, ...] = ()
    kept: int = 0
    warnings: tuple[str, ...] = ()
    problem: str | None = None


def load(options: SystemOptions) -> tuple[Detector | FaceSystem, Record]:
    """Load a system as workers have it, and hash its weights."""
    options = replace(options, threads=options.threads or 1)  # a worker is one core
    system = options.load()
    return system, describe(options.choice, system)


def hashes_of(record: Record) -> tuple[str, ...]:
    """Return the SHA-256 of each network of a system."""
    return tuple(network.weights_sha256 for network in record.networks)


@lru_cache(maxsize=1)
def _load_once(options: SystemOptions, hashes: tuple[str, ...]) -> Detector | FaceSystem:
    system, record = load(options)
    found = hashes_of(record)
    if found != hashes:
        raise YoloFerError(
            f"the weights here have the sha256 {', '.join(found)}, those of the run "
            f"{', '.join(hashes)}; copy the same files to every worker"
        )
    return system


def prepare(task: Task) -> None:
    """Make sure that this process can do the jobs.

    Raises:
        YoloFerError: if the weights are missing or others, or a package is missing.
    """
    task.load()
    if task.reads_videos:
        import_av()
    if task.reads_objects:
        require_store()
    task.options.following.start()
    task.options.table_format.require()


def run_job(task: Task, job: Job) -> JobResult:
    """Predict the sources of a job and write its files, whole or not at all.

    What is wrong with a source is told by its row in the ledger.
    """
    try:
        with _collected_warnings() as told:
            with (
                Tries(task.parts.marks(job.name)) as tries,
                FaceTableSink(task.parts.faces(job.name), task.options.table_format) as faces,
            ):
                rows = tuple(_Work(task, job, tries, faces).rows())
            # Only now: it removes the marks, and Windows removes no file that is open.
            task.parts.finish_job(job.name, rows)
    except (YoloFerError, OSError) as error:
        with suppress(OSError):
            task.parts.marks(job.name).unlink()  # nobody died
        return JobResult(problem=f"{error} (on {socket.gethostname()})")
    return JobResult(rows, warnings=tuple(told))


@contextmanager
def _collected_warnings() -> Iterator[dict[str, None]]:
    """Collect what the library warns of, each message once: a worker has no screen."""
    told: dict[str, None] = {}

    def keep(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if issubclass(category, YoloFerWarning):
            told[str(message)] = None

    with warnings.catch_warnings():
        warnings.showwarning = keep
        yield told


class _Work:
    """The work on one job."""

    def __init__(self, task: Task, job: Job, tries: Tries, faces: FaceTableSink) -> None:
        self._task, self._job, self._tries, self._faces = task, job, tries, faces
        self._system = task.load()

    def rows(self) -> Iterator[SourceRow]:
        """Predict the sources and yield their rows in the ledger."""
        left = list(enumerate(self._job.sources))
        if self._job.sources[0].kind == "image":
            images = iter(self._predict_images([i for i, _ in left if i not in self._job.given_up]))
        for index, source in left:
            row = SourceRow(source.name, source.kind, max(0, source.signature[0]))
            if index in self._job.given_up:
                detail = (
                    f"{source.name}: the process that reads it dies (out of memory, or a fault)"
                )
                yield replace(row, error=FileFault.WORKER_DIED, detail=detail)
            elif source.problem is not None:
                detail = f"{source.name}: {source.problem}"
                yield replace(row, error=FileFault.UNREADABLE_FOLDER, detail=detail)
            elif source.kind == "image":
                self._faces.write(predicted := next(images))
                yield checked(source, image_row(row, predicted))
            else:
                self._tries.at(index)
                try:
                    with as_file(source) as file:
                        yield checked(file, self._video_row(file, row))
                except NotFetchedError as error:
                    yield replace(row, error=error.reason, detail=str(error))

    def _predict_images(self, wanted: list[int]) -> Iterator[Predicted]:
        """Yield the predictions of images, also if one of them makes the system fail."""
        inputs = [_input(self._job.sources[index]) for index in wanted]

        def marked(start: int) -> Iterator[ImageInput]:
            for index, item in zip(wanted[start:], inputs[start:], strict=True):
                self._tries.at(index)
                yield item

        done = 0
        while done < len(inputs):
            try:
                ahead = self._task.reads_ahead(self._job)
                for predicted in predict_images(self._system, marked(done), ahead=ahead):
                    done += 1
                    yield predicted
            except Exception as error:  # one image of a million must not end the run
                yield failed(inputs[done].source, error)
                done += 1

    def _video_row(self, source: Source, row: SourceRow) -> SourceRow:
        options, parts, name = self._task.options, self._task.parts, self._job.name
        summaries = TrackSummaries()
        with ExitStack() as stack:
            sinks: list[Sink] = [self._faces]
            if options.timeline:
                picture = TimelineSink(
                    parts.timeline(name), overwrite=True, blur=options.blur, always=False
                )
                sinks.append(stack.enter_context(picture))
            for predicted in stack.enter_context(closing(self._predict_video(source))):
                for sink in sinks:
                    sink.write(predicted)
                summaries.add(predicted.prediction)
                row = with_frame(row, predicted)
        if options.summary:
            text = io.StringIO()
            write_summaries(text, summaries)
            with writing(parts.tracks(name)):
                write_atomically(parts.tracks(name), text.getvalue().encode())
        return row

    def _predict_video(self, source: Source) -> Generator[Predicted, None, None]:
        """Yield the predictions of a video, and in the end why there are no more, if so."""
        try:
            if source.path.is_file():  # to open a pipe would wait for somebody who writes to it
                with source.path.open("rb") as file:
                    file.read(1)
        except FileNotFoundError:
            pass  # the video says so
        except OSError as error:
            text = f"{source.name}: the file cannot be read ({error.strerror})"
            yield Predicted(
                None, Prediction(source.name, 0, 0, error=text), FileFault.UNREADABLE_VIDEO
            )
            return
        frames = FileSource(
            source.path, source.name, AHEAD if self._task.reads_ahead(self._job) else 0
        )
        follow = self._task.options.following.start()
        try:
            yield from predict_stream(self._system, frames, *follow)
        except MissingExtraError:  # of this machine, and not of this video
            raise
        except Exception as error:  # one video of a thousand must not end the run
            yield failed(source.name, error)


def _input(source: Source) -> ImageInput:
    address = source.name if source.is_object else None
    return ImageInput(source.path, source.name, PurePosixPath(source.path.name), address)
