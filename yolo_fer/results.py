"""What a detector, or a two-stage system, says of an image. One object per image or frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.errors import MissingExtraError
from yolo_fer.images import Image

if TYPE_CHECKING:
    import supervision

_UNTRACKED = -1  # as supervision's own trackers say it


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

    def to_supervision(self) -> supervision.Detections:
        """Return the faces as supervision's `Detections`, for its annotators, zones and trackers.

        `xyxy` is (N, 4) float32 in pixels, `confidence` (N,) the largest score, `class_id` (N,) the
        emotion's number, `tracker_id` (N,) the track, -1 where a face has none and None where no
        face has one. `data["class_name"]` holds the emotions' names, `data["scores"]` the (N, 7)
        scores. `with_supervision` is the way back.

        Raises:
            MissingExtraError: if supervision is not installed.

        Example:
            >>> face = FacePrediction((10, 20, 40, 60), (0, 0, 0, 0.75, 0, 0, 0.25), track=3)
            >>> prediction = Prediction("a.jpg", 64, 64, (face,))
            >>> detections = prediction.to_supervision()
            >>> detections.data["class_name"].tolist(), detections.tracker_id.tolist()
            (['happiness'], [3])
            >>> prediction.with_supervision(detections) == prediction
            True
        """
        try:
            from supervision import Detections
        except ImportError as error:
            raise MissingExtraError("supervision", "stream", "converting to supervision") from error
        faces = self.faces
        tracks = [_UNTRACKED if face.track is None else face.track for face in faces]
        return Detections(
            xyxy=np.array([face.box for face in faces], np.float32).reshape(-1, 4),
            confidence=np.array([face.score for face in faces], np.float32),
            class_id=np.array([face.emotion for face in faces], int),
            tracker_id=np.array(tracks, int) if any(t != _UNTRACKED for t in tracks) else None,
            data={
                "class_name": np.array([face.emotion.label for face in faces], str),
                "scores": np.array([f.scores for f in faces], np.float32).reshape(-1, len(Emotion)),
            },
        )

    def with_supervision(self, detections: supervision.Detections) -> Prediction:
        """Return this prediction with the faces of `Detections` that came from `to_supervision`.

        They may have been filtered, moved or given track numbers meanwhile. Their seven scores are
        taken from `data["scores"]`, so numbers are rounded to 32 bits.
        """
        if len(detections) == 0:  # supervision's trackers then leave out the data
            return replace(self, faces=())
        tracks = detections.tracker_id
        if tracks is None:
            tracks = np.full(len(detections), _UNTRACKED)
        faces = (
            FacePrediction(
                (float(box[0]), float(box[1]), float(box[2]), float(box[3])),
                tuple(float(score) for score in scores),
                None if track == _UNTRACKED else int(track),
            )
            for box, scores, track in zip(
                detections.xyxy, detections.data["scores"], tracks, strict=True
            )
        )
        return replace(self, faces=tuple(faces))


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
