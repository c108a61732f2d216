"""A video that a visitor uploaded: followed faces, an annotated copy, a timeline."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from yolo_fer.errors import YoloFerError
from yolo_fer.images import Image
from yolo_fer.inputs.ffmpeg import import_av
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
from yolo_fer.predict.image_files import Predicted
from yolo_fer.predict.stream import Following, predict_stream
from yolo_fer.predict.summary import TrackSummaries, TrackSummary
from yolo_fer.predict.timeline import Timeline
from yolo_fer.results import Predictor

_REPORT_SECONDS = 0.4
_MOST_FRAMES_A_SECOND = 240
"""A file whose time stamps stand still is cut off by its number of frames."""


@dataclass(frozen=True, slots=True)
class VideoProgress:
    """How far it is.

    Args:
        frames: that were looked at.
        seconds: the seconds of the video that they cover.
        share: the share of the video, 0 to 1; None if the file does not say how long it is.
        frames_per_second: since the start.
        picture: the last frame, annotated, (height, width, 3) BGR.
    """

    frames: int
    seconds: float
    share: float | None
    frames_per_second: float
    picture: Image


@dataclass(frozen=True, slots=True)
class UploadedVideoResult:
    """What was found in a video.

    Args:
        frames: that were looked at.
        seconds: the seconds of the video that they cover.
        faces: in all frames together.
        tracks: a summary of each followed face.
        was_cut: the video goes on behind the limit.
        problem: why it could not be read, or not to its end; None if nothing was wrong.
        annotated: the annotated copy, MP4.
        timeline: how probable each of the seven expressions of a face is over time, PNG.
        over_time: what that picture is drawn from.
        json: a line for each frame.
        csv: a row for each face of each frame.
        summary: a row for each track.
    """

    frames: int
    seconds: float
    faces: int
    tracks: tuple[TrackSummary, ...]
    was_cut: bool
    problem: str | None
    annotated: Path
    timeline: Path
    over_time: Timeline
    json: Path
    csv: Path
    summary: Path


def predict_uploaded_video(
    path: Path,
    predictor: Predictor,
    folder: Path,
    *,
    blur: bool,
    smooth: float,
    limit_seconds: float,
) -> Iterator[VideoProgress | UploadedVideoResult]:
    """Find and follow the faces of a video and write the results.

    Args:
        path: the path of the video.
        predictor: that finds the faces.
        folder: for the results, empty.
        blur: hide the faces in the annotated copy.
        smooth: seconds over which scores are averaged; 0 leaves them as they are.
        limit_seconds: how much of the video is taken.

    Raises:
        YoloFerError: if it is an image, whose decoder no limit of seconds would end.

    Yields:
        Its progress, now and then, and in the end the result.
    """
    if kind_of(path) is FileKind.IMAGE:
        raise YoloFerError("This is an image; send it under Images.")
    source = FileSource(path, path.name)
    following = Following(track=True, smooth=smooth if smooth > 0 else None)
    annotated, timeline = folder / "annotated.mp4", folder / "timeline.png"
    json, csv, summary = folder / "faces.jsonl", folder / "faces.csv", folder / "tracks.csv"
    meter = _Meter(_claimed_seconds(path), limit_seconds)
    problem: str | None = None
    over_time = TimelineSink(timeline, blur=blur)
    with ExitStack() as stack:
        sinks: list[Sink] = [
            stack.enter_context(AnnotatedVideoSink(annotated, blur=blur)),
            stack.enter_context(over_time),
            stack.enter_context(JsonLinesSink(str(json))),
            stack.enter_context(CsvSink(str(csv))),
            stack.enter_context(SummarySink(str(summary))),
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
                shown = annotate(predicted.image, predicted.prediction.faces)
                yield meter.report(shown)
    yield UploadedVideoResult(
        meter.frames,
        meter.seconds,
        meter.faces,
        tuple(meter.tracks.finished()),
        meter.was_cut,
        problem,
        annotated,
        timeline,
        over_time.timeline,
        json,
        csv,
        summary,
    )


class _Meter:
    """Counts what went by and tells when to report and when to stop."""

    def __init__(self, claimed_seconds: float | None, limit_seconds: float) -> None:
        self.frames, self.faces, self.seconds = 0, 0, 0.0
        self.was_cut = False
        self.tracks = TrackSummaries()
        self._limit = limit_seconds
        self._whole = None if claimed_seconds is None else min(claimed_seconds, limit_seconds)
        self._first: float | None = None
        self._start = self._reported = time.monotonic()

    def takes(self, predicted: Predicted) -> bool:
        """Count a frame, unless it lies behind the limit."""
        now = seconds(predicted.prediction)
        if self._first is None:
            self._first = now
        if now - self._first >= self._limit or self.frames >= _MOST_FRAMES_A_SECOND * self._limit:
            self.was_cut = True
            return False
        self.frames += 1
        self.faces += len(predicted.prediction.faces)
        self.seconds = max(self.seconds, now - self._first)
        self.tracks.add(predicted.prediction)
        return True

    def is_due(self) -> bool:
        """Tell whether the last report is old enough for another one."""
        return time.monotonic() - self._reported >= _REPORT_SECONDS

    def report(self, picture: Image) -> VideoProgress:
        """Say how far it is."""
        self._reported = time.monotonic()
        share = None if not self._whole else min(1.0, self.seconds / self._whole)
        rate = self.frames / max(self._reported - self._start, 1e-9)
        return VideoProgress(self.frames, self.seconds, share, rate, picture)


def _claimed_seconds(path: Path) -> float | None:
    """Return how long a file says it is; good for a progress bar and for nothing else."""
    av = import_av()
    try:
        with av.open(str(path)) as container:
            return None if container.duration is None else container.duration / av.time_base
    except (OSError, ValueError):  # what is wrong is told when it is read
        return None
