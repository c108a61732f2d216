"""What a detector, or a two-stage system, says of an image. One object per image or frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.images import Image


@dataclass(frozen=True, slots=True)
class FacePrediction:
    """One face.

    Args:
        box: left, top, right, bottom in pixels of the image as a viewer sees it.
        scores: the detection score of each emotion at this box, in the order of `Emotion`, each in
            0 to 1 and not normalised to a sum.
        track: the identity of the face in a stream, if it is tracked.
    """

    box: tuple[float, float, float, float]
    scores: tuple[float, ...]
    track: int | None = None

    def __post_init__(self) -> None:
        if len(self.scores) != len(Emotion):
            raise ValueError(f"a face has {len(Emotion)} scores, not {len(self.scores)}")

    @property
    def emotion(self) -> Emotion:
        """The emotion with the largest score."""
        return Emotion(max(range(len(self.scores)), key=self.scores.__getitem__))

    @property
    def score(self) -> float:
        """The largest of the seven scores."""
        return max(self.scores)

    def to_json(self) -> dict[str, Any]:
        """Return the face as it stands in a JSON line."""
        return {
            "box": [round(v, 2) for v in self.box],
            "emotion": self.emotion.label,
            "score": round(self.score, 5),
            "scores": {n: round(s, 5) for n, s in zip(EMOTION_NAMES, self.scores, strict=True)},
            "track": self.track,
        }


@dataclass(frozen=True, slots=True)
class Prediction:
    """All faces of one image or video frame.

    Args:
        source: the file or stream as the user named it.
        width: of the image as a viewer sees it, in pixels; 0 if it could not be read.
        height: likewise.
        faces: best score first.
        frame: 0-based number in a video, None for an image.
        time_ms: time stamp in a video, None for an image.
        error: why the image could not be read; then there are no faces.
    """

    source: str
    width: int
    height: int
    faces: tuple[FacePrediction, ...] = ()
    frame: int | None = None
    time_ms: float | None = None
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the prediction as one JSON line's object."""
        line: dict[str, Any] = {
            "source": self.source,
            "frame": self.frame,
            "time_ms": self.time_ms,
            "width": self.width,
            "height": self.height,
            "faces": [face.to_json() for face in self.faces],
        }
        if self.error is not None:
            line["error"] = self.error
        return line


class Predictor(Protocol):
    """Anything that names the expressions of the faces in images: a detector or two stages."""

    @property
    def name(self) -> str:
        """What tables and reports call it."""

    def predict(self, images: Sequence[Image]) -> list[Prediction]:
        """Name the faces of images of any sizes.

        Args:
            images: each (height, width, 3) BGR, 0 to 255.

        Returns:
            One `Prediction` per image, in order, with an empty `source`.
        """
