"""Predicting the frames of a video, a camera or a network stream."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Protocol

from yolo_fer.errors import YoloFerError, YoloFerWarning
from yolo_fer.images import Image
from yolo_fer.inputs.frame_source import FrameSource
from yolo_fer.inputs.video import VideoFrame
from yolo_fer.predict.predicted import Predicted
from yolo_fer.results import Prediction, Predictor


class Tracker(Protocol):
    """Follows faces through the frames of one source."""

    def update(self, prediction: Prediction, image: Image) -> Prediction:
        """Take the next frame and return its prediction with `track` of each face set.

        Args:
            prediction: the prediction of the frame.
            image: its pixels, (height, width, 3) BGR.
        """


class Smoother(Protocol):
    """Steadies the scores of tracked faces over the frames of one source."""

    def update(self, prediction: Prediction) -> Prediction:
        """Take the next frame, with tracks, and return its prediction with other scores."""


@dataclass(frozen=True, slots=True)
class Following:
    """Whether the faces of a source are followed, and their scores steadied.

    Args:
        track: whether faces are followed.
        smooth: the seconds over which the scores of a followed face are averaged; None leaves them
            as they are, a number implies `track`.

    Raises:
        UsageError: if `smooth` is no possible time.
        MissingExtraError: if a package for following is not installed.
    """

    track: bool = False
    smooth: float | None = None

    def __post_init__(self) -> None:
        self.start()

    @property
    def follows(self) -> bool:
        """Whether faces are followed."""
        return self.track or self.smooth is not None

    def start(self) -> tuple[Tracker | None, Smoother | None]:
        """Return a tracker and a smoother for one source."""
        if not self.follows:
            return None, None
        from yolo_fer.predict.smoothing import ScoreSmoother
        from yolo_fer.predict.tracking import FaceTracker

        return FaceTracker(), None if self.smooth is None else ScoreSmoother(self.smooth)


def predict_frame(
    predictor: Predictor,
    frame: VideoFrame,
    source: str,
    tracker: Tracker | None = None,
    smoother: Smoother | None = None,
) -> Prediction:
    """Predict one frame, follow its faces and steady their scores.

    Args:
        predictor: a detector or a two-stage system.
        frame: the next frame of the source.
        source: the name of the source in results.
        tracker: follows the faces; one for each source.
        smoother: steadies the scores; needs a tracker, one for each source.
    """
    (found,) = predictor.predict([frame.image])
    # Without the pixels, which `Predicted` has, so that predictions can be kept.
    prediction = replace(found, source=source, frame=frame.index, time_ms=frame.time_ms, image=None)
    if tracker is not None:
        prediction = tracker.update(prediction, frame.image)
    return prediction if smoother is None else smoother.update(prediction)


def predict_stream(
    predictor: Predictor,
    source: FrameSource,
    tracker: Tracker | None = None,
    smoother: Smoother | None = None,
) -> Generator[Predicted, None, None]:
    """Predict the frames of a source one by one, in order.

    A video that cannot be read, or not to its end, has an error after its last frame. The source is
    closed in the end.

    Args:
        predictor: a detector or a two-stage system.
        source: the source of the frames.
        tracker: the tracker, as in `predict_frame`.
        smoother: the smoother, as in `predict_frame`.

    Raises:
        YoloFerError: as `FrameSource.frames`.
    """
    with closing(source), closing(source.frames()) as frames:
        for frame in frames:
            prediction = predict_frame(predictor, frame, source.name, tracker, smoother)
            yield Predicted(frame.image, prediction)
    if source.problem is not None:
        message = f"{source.name}: {source.problem.detail}"
        error = Prediction(source.name, 0, 0, error=message)
        yield Predicted(None, error, source.problem.reason)


def without_errors(frames: Iterator[Predicted]) -> Iterator[Predicted]:
    """Turn the bad end of a video into an exception, or a warning if frames came before it.

    Raises:
        YoloFerError: if it has no frame at all.
    """
    count = 0
    for predicted in frames:
        error = predicted.prediction.error
        if error is None:
            count += 1
            yield predicted
        elif not count:
            raise YoloFerError(error)
        else:
            warnings.warn(error, YoloFerWarning, stacklevel=2)
