"""The account of a run: what was read and found, and what could not be read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from yolo_fer.emotions import Emotion
from yolo_fer.predict.predicted import Predicted
from yolo_fer.reason_counts import ReasonCounts


@dataclass(slots=True)
class RunCounts:
    """The account of a run: every image and every frame is counted, every bad item by its reason.

    Attributes:
        images: the number of images that could be read.
        frames: the number of predicted frames of videos, cameras and streams.
        faces: the number of faces in all of them.
        emotions: the number of faces with each emotion.
        dropped: the number of frames of live sources that were left out because newer ones were
            there.
        reconnects: the number of times that a live source came back.
        bad: the number of images and videos that could not be read, or not to their end, by reason.
    """

    images: int = 0
    frames: int = 0
    faces: int = 0
    emotions: Counter[Emotion] = field(default_factory=Counter)
    dropped: int = 0
    reconnects: int = 0
    bad: ReasonCounts = field(default_factory=ReasonCounts)

    def add(self, predicted: Predicted) -> None:
        """Count one image, one frame, or the bad end of a video."""
        self.faces += len(predicted.prediction.faces)
        self.emotions.update(face.emotion for face in predicted.prediction.faces)
        if predicted.reason is not None:
            self.bad.note(predicted.reason, str(predicted.prediction.error))
        elif predicted.prediction.frame is None:
            self.images += 1
        else:
            self.frames += 1

    @property
    def usable(self) -> int:
        """How many images and frames could be read."""
        return self.images + self.frames
