"""The visitor's camera: one frame in, the same frame with its faces out."""

from __future__ import annotations

import base64
import binascii
import re
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
_ADDRESS = re.compile(r"data:image/\w+(?:;taken=(?P<taken>\d{1,15}))?;base64,", re.ASCII)


@dataclass(slots=True)
class Visitor:
    """What the page remembers of one visitor's camera; no picture.

    Args:
        smooth: seconds over which the scores are averaged; 0 shows each frame's own.
    """

    smooth: float
    frames: int = 0
    started: float = field(default_factory=time.monotonic)
    tracker: FaceTracker = field(default_factory=FaceTracker)
    smoother: ScoreSmoother | None = None
    finished_at: deque[float] = field(default_factory=lambda: deque(maxlen=_RATE_FRAMES))

    def __post_init__(self) -> None:
        if self.smooth > 0:
            self.smoother = ScoreSmoother(self.smooth)

    @property
    def frames_per_second(self) -> float | None:
        """Over the last frames; None until there are some."""
        if len(self.finished_at) < 3:
            return None
        return (len(self.finished_at) - 1) / (self.finished_at[-1] - self.finished_at[0])


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """A frame that was looked at.

    Args:
        picture: the annotated frame, a JPEG `data:` address.
        prediction: the prediction of the frame.
        milliseconds: from the frame's arrival to the picture.
        taken_ms: when the browser took it, by its own clock; None if it did not say.
    """

    picture: str
    prediction: Prediction
    milliseconds: float
    taken_ms: int | None


def look_at(address: str, visitor: Visitor, predictor: Predictor) -> LiveFrame:
    """Find, follow and draw the faces of one frame.

    Args:
        address: the frame as the browser sends it, a `data:` address in base64, with the time in
            milliseconds in its parameter `taken`.
        visitor: is brought up to date.
        predictor: that finds the faces.

    Raises:
        ImageError: if it is not an image.
    """
    start = time.monotonic()
    sent = _ADDRESS.match(address)
    if sent is None:
        raise ImageError(FileFault.NOT_AN_IMAGE, "the browser sent no picture")
    image = _decode(address[sent.end() :])
    frame = VideoFrame(visitor.frames, 1000 * (start - visitor.started), image)
    prediction = predict_frame(predictor, frame, "camera", visitor.tracker, visitor.smoother)
    data = base64.b64encode(encode_jpeg(annotate(image, prediction.faces))).decode("ascii")
    end = time.monotonic()
    visitor.frames += 1
    visitor.finished_at.append(end)
    taken_ms = None if sent["taken"] is None else int(sent["taken"])
    picture = f"data:image/jpeg;base64,{data}"
    return LiveFrame(picture, prediction, 1000 * (end - start), taken_ms)


def _decode(data: str) -> Image:
    """Decode what browsers send and nothing that takes its time: a thread cannot be ended."""
    try:
        content = base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise ImageError(FileFault.CORRUPT_IMAGE, "the browser sent a damaged picture") from error
    header = read_header(content)
    if header.format != "JPEG" or header.scans > _MOST_SCANS:
        raise ImageError(
            FileFault.UNSUPPORTED_IMAGE, "a camera's picture has to be a plain JPEG image"
        )
    if max(header.width, header.height) > CAMERA_SIDE:
        text = f"the camera's picture is too large; its sides may have {CAMERA_SIDE} pixels"
        raise ImageError(FileFault.IMAGE_TOO_LARGE, text)
    return decode(content)
