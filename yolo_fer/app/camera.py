"""The visitor's camera: one frame in, the same frame with its faces out."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field

from yolo_fer.app.limits import CAMERA_SIDE
from yolo_fer.errors import FileFault, ImageError
from yolo_fer.images import Image, decode, encode_jpeg
from yolo_fer.images.header import read_header
from yolo_fer.inputs.video import VideoFrame
from yolo_fer.outputs.drawing import annotate
from yolo_fer.predict.smoothing import ScoreSmoother
from yolo_fer.predict.stream import predict_frame
from yolo_fer.predict.tracking import FaceTracker
from yolo_fer.results import Prediction, Predictor

_RATE_FRAMES = 20
_MOST_SCANS = 3  # a browser's pictures have one for all colours together


@dataclass(slots=True)
class Visitor:
    """What the page remembers of one visitor's camera; no picture."""

    frames: int = 0
    started: float = field(default_factory=time.monotonic)
    finished_at: deque[float] = field(default_factory=lambda: deque(maxlen=_RATE_FRAMES))
    tracker: FaceTracker = field(default_factory=FaceTracker)
    _smooth: float = 0.0
    _smoother: ScoreSmoother | None = None

    @property
    def frames_per_second(self) -> float | None:
        """Over the last frames; None until there are some."""
        if len(self.finished_at) < 3:
            return None
        return (len(self.finished_at) - 1) / (self.finished_at[-1] - self.finished_at[0])

    def averaging(self, seconds: float) -> ScoreSmoother | None:
        """Return what averages the scores over so many seconds, None for 0."""
        if seconds != self._smooth:
            self._smooth, self._smoother = seconds, ScoreSmoother(seconds) if seconds else None
        return self._smoother


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """A frame that was looked at.

    Args:
        picture: the annotated frame, as a JPEG file.
        prediction: the prediction of the frame.
        milliseconds: the time from the frame's arrival to the finished picture.
    """

    picture: bytes
    prediction: Prediction
    milliseconds: float


def look_at(content: bytes, visitor: Visitor, predictor: Predictor, smooth: float) -> LiveFrame:
    """Find, follow and draw the faces of one frame.

    Args:
        content: the frame, a JPEG file.
        visitor: the visitor whose camera sent the frame; its tracks and its rate are updated.
        predictor: the system that finds the faces.
        smooth: the seconds over which the scores are averaged; 0 shows each frame's own.

    Raises:
        ImageError: if it is no plain JPEG image of at most `CAMERA_SIDE` pixels.
    """
    start = time.monotonic()
    image = _decode(content)
    frame = VideoFrame(visitor.frames, 1000 * (start - visitor.started), image)
    smoother = visitor.averaging(smooth)
    prediction = predict_frame(predictor, frame, "camera", visitor.tracker, smoother)
    picture = encode_jpeg(annotate(image, prediction.faces))
    end = time.monotonic()
    visitor.frames += 1
    visitor.finished_at.append(end)
    return LiveFrame(picture, prediction, 1000 * (end - start))


def _decode(content: bytes) -> Image:
    """Decode what browsers send and nothing that takes its time: a thread cannot be ended."""
    header = read_header(content)
    if header.format != "JPEG" or header.scans > _MOST_SCANS:
        raise ImageError(
            FileFault.UNSUPPORTED_IMAGE, "a camera's picture has to be a plain JPEG image"
        )
    if max(header.width, header.height) > CAMERA_SIDE:
        text = f"the camera's picture is too large; its sides may have {CAMERA_SIDE} pixels"
        raise ImageError(FileFault.IMAGE_TOO_LARGE, text)
    return decode(content)
