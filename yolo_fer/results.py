"""What a detector, or a two-stage system, says of an image. One object per image or frame."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.errors import MissingExtraError, UsageError, YoloFerWarning
from yolo_fer.images import Image

if TYPE_CHECKING:
    import supervision

_UNTRACKED = -1  # as supervision's own trackers say it


def face_scores(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how sure a detector is of each face, whatever it shows: 1 - prod(1 - s).

    The largest of the seven scores is small where an expression is ambiguous, however clear the
    face is. This is the probability that at least one of the seven detections is right, as if
    they were independent (noisy-or; Pearl 1988).

    Args:
        scores: (N, 7) of the emotions at each face, 0 to 1.

    Returns:
        (N,) in 0 to 1: the largest score of each face, or more.

    Example:
        >>> face_scores(np.array([[0.5, 0.5, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0.2]])).tolist()
        [0.75, 1.0]
    """
    with np.errstate(divide="ignore"):  # a score of 1 has the logarithm -inf, which is right
        # By logarithms, because 1 - s is 1 for scores below 1e-16. All are 0 or negative.
        any_of_them = np.abs(np.expm1(np.log1p(-scores).sum(axis=1)))
    return np.asarray(np.maximum(any_of_them, scores.max(axis=1)))  # less by rounding alone


def emotion_probabilities(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how probable each emotion is for each face: its scores, divided by their sum.

    Args:
        scores: (N, 7) of the emotions at each face, 0 to 1.

    Returns:
        (N, 7), each row with the sum 1; a face whose scores are all 0 could show any of them, so
        each has 1/7.
    """
    total = scores.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, scores, 1) / np.where(total > 0, total, scores.shape[1]))


MAX_FACES = 300
"""The most faces of one image, unless told otherwise."""
_SPOKEN_OF = 0.05  # a curve is measured down to 0.001, where boxes without end are left out


def check_max_faces(max_faces: int) -> None:
    """Make sure that a limit of faces is possible.

    Raises:
        UsageError: if it is not at least 1.
    """
    if max_faces < 1:
        raise UsageError(f"the most faces of an image must be at least 1, not {max_faces}")


def warn_of_left_out(name: str, max_faces: int, best_left_out: float) -> None:
    """Say, once, that an image has more faces than are reported.

    Args:
        name: the name of the detector or system.
        max_faces: its limit.
        best_left_out: the score of the best face beyond the limit, 0 if there is none.
    """
    if best_left_out >= _SPOKEN_OF:
        warnings.warn(
            f"{name}: there are images with more than {max_faces} faces, of which only the best "
            f"{max_faces} are given. Raise `max_faces` to have them all.",
            YoloFerWarning,
            stacklevel=4,
        )


@dataclass(frozen=True, slots=True)
class FacePrediction:
    """One face.

    Args:
        box: left, top, right, bottom in pixels of the image as a viewer sees it.
        scores: the detection score of each emotion at this box, in the order of `Emotion`, each in
            0 to 1 and not normalised to a sum.
        track: the identity of the face in a stream, if it is tracked.
        finder_score: how sure a face finder is of the face, 0 to 1, in a two-stage system; None
            where a detector has nothing but its seven scores.

    Raises:
        ValueError: if there are not seven scores, or one does not lie between 0 and 1.
    """

    box: tuple[float, float, float, float]
    scores: tuple[float, ...]
    track: int | None = None
    finder_score: float | None = None

    def __post_init__(self) -> None:
        if len(self.scores) != len(Emotion):
            raise ValueError(f"a face has {len(Emotion)} scores, not {len(self.scores)}")
        if not all(0 <= score <= 1 for score in (*self.scores, self.score)):
            raise ValueError(f"scores lie between 0 and 1, not at {self}")

    @property
    def emotion(self) -> Emotion:
        """The emotion with the largest score."""
        return Emotion(max(range(len(self.scores)), key=self.scores.__getitem__))

    @property
    def score(self) -> float:
        """How sure it is that this is a face, 0 to 1, whatever it shows.

        The face finder's score, else that of `face_scores`.
        """
        if self.finder_score is not None:
            return self.finder_score
        return float(face_scores(np.array([self.scores], np.float64))[0])

    @property
    def probabilities(self) -> tuple[float, ...]:
        """How probable each emotion is if it is a face; see `emotion_probabilities`."""
        return tuple(emotion_probabilities(np.array([self.scores], np.float64))[0].tolist())

    @property
    def caption(self) -> str:
        """What people are shown: the emotion and its probability, as in `happiness 62 %`."""
        return f"{self.emotion.label} {100 * self.probabilities[self.emotion]:.0f} %"

    def to_json(self) -> dict[str, Any]:
        """Return the face as it stands in a JSON line."""
        return {
            "box": [round(v, 2) for v in self.box],
            "emotion": self.emotion.label,
            "score": round(self.score, 5),
            "scores": _by_name(self.scores),
            "probabilities": _by_name(self.probabilities),
            "track": self.track,
        }


def _by_name(values: tuple[float, ...]) -> dict[str, float]:
    return {name: round(value, 5) for name, value in zip(EMOTION_NAMES, values, strict=True)}


@dataclass(frozen=True, slots=True)
class Prediction:
    """All faces of one image or video frame.

    Args:
        source: the file or stream as the user named it.
        width: the width of the image as a viewer sees it, in pixels; 0 if it could not be read.
        height: the height, in the unit of the width.
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

    def resized(self, width: int, height: int) -> Prediction:
        """Return the same faces in the pixels of the image at another size.

        >>> face = FacePrediction((10, 20, 40, 60), (0, 0, 0, 0.75, 0, 0, 0.25))
        >>> Prediction("a.jpg", 64, 64, (face,)).resized(128, 128).faces[0].box
        (20.0, 40.0, 80.0, 120.0)
        """
        if (width, height) == (self.width, self.height) or not self.width:
            return self
        across, down = width / self.width, height / self.height
        faces = tuple(
            replace(
                face,
                box=(
                    face.box[0] * across,
                    face.box[1] * down,
                    face.box[2] * across,
                    face.box[3] * down,
                ),
            )
            for face in self.faces
        )
        return replace(self, width=width, height=height, faces=faces)

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

        `xyxy` is (N, 4) float32 in pixels, `confidence` (N,) the face's score, `class_id` (N,) the
        emotion's number, `tracker_id` (N,) the track, -1 where a face has none and None where no
        face has one. `data["class_name"]` holds the emotions' names, `data["scores"]` and
        `data["probabilities"]` their (N, 7) scores and probabilities, `data["finder_score"]` the
        (N,) scores of a face finder, NaN without one. `with_supervision` is the way back.

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
                "scores": _columns([face.scores for face in faces]),
                "probabilities": _columns([face.probabilities for face in faces]),
                # None becomes NaN
                "finder_score": np.array([face.finder_score for face in faces], np.float32),
            },
        )

    def with_supervision(self, detections: supervision.Detections) -> Prediction:
        """Return this prediction with the faces of `Detections` that came from `to_supervision`.

        They may have been filtered, moved or given track numbers meanwhile. Their scores are taken
        from `data["scores"]` and `data["finder_score"]`, so numbers are rounded to 32 bits.
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
                None if np.isnan(found) else float(found),
            )
            for box, scores, found, track in zip(
                detections.xyxy,
                detections.data["scores"],
                detections.data["finder_score"],
                tracks,
                strict=True,
            )
        )
        return replace(self, faces=tuple(faces))


def _columns(rows: list[tuple[float, ...]]) -> NDArray[np.float32]:
    return np.array(rows, np.float32).reshape(-1, len(Emotion))


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
