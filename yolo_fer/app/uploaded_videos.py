"""A video that a visitor uploaded: followed faces, an annotated copy, a timeline."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from yolo_fer.errors import YoloFerError
from yolo_fer.images import Image
from yolo_fer.inputs.ffmpeg import import_av, open_file
from yolo_fer.inputs.file_kinds import FileKind, kind_of
from yolo_fer.inputs.frame_source import FileSource
from yolo_fer.outputs import (
    AnnotatedVideoSink,
    CsvSink,
    JsonLinesSink,
    Sink,
    SummarySink,
    TimelineSink,
)
from yolo_fer.outputs.drawing import annotate
from yolo_fer.predict.frame_time import seconds
from yolo_fer.predict.predicted import Predicted
from yolo_fer.predict.stream import Following, predict_stream
from yolo_fer.predict.summary import TrackSummaries, TrackSummary
from yolo_fer.predict.timeline import Timeline
from yolo_fer.results import Predictor

_REPORT_SECONDS = 0.4
_MOST_FRAMES_A_SECOND = 240
"""The limit for files in which time stands still."""


@dataclass(frozen=True, slots=True)
class VideoProgress:
    """How much of a video was read so far.

    Args:
        frames: the number of frames that were read.
        seconds: the seconds of the video that they cover.
        share: the share of the video, 0 to 1; None if the file does not say how long it is.
        frames_per_second: the average number of frames that were read in a second.
        picture: the last frame, annotated, (height, width, 3) BGR.
    """

    frames: int
    seconds: float
    share: float | None
    frames_per_second: float
    picture: Image


@dataclass(frozen=True, slots=True)
class VideoFiles:
    """The files that are written for a video.

    Args:
        annotated: the annotated copy, MP4.
        timeline: a picture of the probabilities of the seven expressions over time, PNG.
        json: a line for each frame.
        csv: a row for each face of each frame.
        summary: a row for each track.
    """

    annotated: Path
    timeline: Path
    json: Path
    csv: Path
    summary: Path

    @classmethod
    def in_folder(cls, folder: Path) -> VideoFiles:
        """Return the files of a folder."""
        names = ("annotated.mp4", "timeline.png", "faces.jsonl", "faces.csv", "tracks.csv")
        return cls(*(folder / name for name in names))


@dataclass(frozen=True, slots=True)
class UploadedVideoResult:
    """What was found in a video.

    Args:
        frames: the number of frames that were read.
        seconds: the seconds of the video that they cover.
        tracks: a summary of each followed face.
        was_cut: whether the video goes on after the limit of seconds.
        problem: why it could not be read, or not to its end; None if nothing was wrong.
        over_time: the expressions of the followed faces over time.
        files: the files that were written; one that would have been empty may be missing.
    """

    frames: int
    seconds: float
    tracks: tuple[TrackSummary, ...]
    was_cut: bool
    problem: str | None
    over_time: Timeline
    files: VideoFiles


def predict_uploaded_video(
    path: Path,
    predictor: Predictor,
    folder: Path,
    *,
    blur: bool,
    smooth: float,
    limit_seconds: float,
) -> Generator[VideoProgress | UploadedVideoResult]:
    """Find and follow the faces of a video and write the results.

    Args:
        path: the path of the video.
        predictor: the system that finds the faces.
        folder: the empty folder that the results are written to.
        blur: hide the faces in the annotated copy.
        smooth: the seconds over which scores are averaged; 0 leaves them as they are.
        limit_seconds: the number of seconds of the video that are read at most.

    Raises:
        YoloFerError: if it is an image, whose decoder no limit of seconds would end.

    Yields:
        Its progress, now and then, and in the end the result.
    """
    if kind_of(path) is FileKind.IMAGE:
        raise YoloFerError("This is an image; send it under Images.")
    source = FileSource(path, path.name)
    following = Following(track=True, smooth=smooth if smooth > 0 else None)
    files = VideoFiles.in_folder(folder)
    over_time = TimelineSink(files.timeline, blur=blur)
    meter = _Meter(_claimed_seconds(path), limit_seconds)
    problem: str | None = None
    with ExitStack() as stack:
        sinks: list[Sink] = [
            stack.enter_context(AnnotatedVideoSink(files.annotated, blur=blur)),
            stack.enter_context(over_time),
            stack.enter_context(JsonLinesSink(str(files.json))),
            stack.enter_context(CsvSink(str(files.csv))),
            stack.enter_context(SummarySink(str(files.summary))),
        ]
        stream = predict_stream(predictor, source, *following.start())
        for predicted in stack.enter_context(closing(stream)):
            if predicted.image is None:
                problem = predicted.prediction.error
            elif not meter.takes(predicted):
                break
            for sink in sinks:
                sink.write(predicted)
            if predicted.image is not None and meter.is_due():
                yield meter.report(annotate(predicted.image, predicted.prediction.faces))
    tracks = tuple(meter.tracks.finished())
    yield UploadedVideoResult(
        meter.frames, meter.seconds, tracks, meter.was_cut, problem, over_time.timeline, files
    )


class _Meter:
    """Counts frames, and decides when to report and when to stop."""

    def __init__(self, claimed_seconds: float | None, limit_seconds: float) -> None:
        self.frames, self.seconds = 0, 0.0
        self.was_cut = False
        self.tracks = TrackSummaries()
        self._limit = limit_seconds
        self._whole = None if claimed_seconds is None else min(claimed_seconds, limit_seconds)
        self._first: float | None = None
        self._start = self._reported = time.monotonic()

    def takes(self, predicted: Predicted) -> bool:
        """Count a frame, unless it lies beyond the limit."""
        now = seconds(predicted.prediction)
        if self._first is None:
            self._first = now
        if now - self._first >= self._limit or self.frames >= _MOST_FRAMES_A_SECOND * self._limit:
            self.was_cut = True
            return False
        self.frames += 1
        self.seconds = max(self.seconds, now - self._first)
        self.tracks.add(predicted.prediction)
        return True

    def is_due(self) -> bool:
        """Return whether the last report is old enough for another one."""
        return time.monotonic() - self._reported >= _REPORT_SECONDS

    def report(self, picture: Image) -> VideoProgress:
        """Return how much was read so far."""
        self._reported = time.monotonic()
        share = None if not self._whole else min(1.0, self.seconds / self._whole)
        rate = self.frames / max(self._reported - self._start, 1e-9)
        return VideoProgress(self.frames, self.seconds, share, rate, picture)


def _claimed_seconds(path: Path) -> float | None:
    """Return how long a file says that it is; only a progress bar may rely on it."""
    try:
        with open_file(path) as container:
            ticks = container.duration
            return None if ticks is None else ticks / import_av().time_base
    except (OSError, ValueError):  # reading it says what is wrong
        return None
