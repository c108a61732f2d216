"""Faces to supervision's `Detections` and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from yolo_fer.emotions import Emotion
from yolo_fer.errors import needs_extra
from yolo_fer.results.face import FacePrediction, boxes_of

if TYPE_CHECKING:
    import supervision

_UNTRACKED = -1  # as supervision's own trackers say it


def to_detections(faces: Sequence[FacePrediction]) -> supervision.Detections:
    """Return faces as `Detections`; see `Result.to_supervision`.

    Raises:
        MissingExtraError: if supervision is not installed.
    """
    with needs_extra("stream", "converting to supervision"):
        from supervision import Detections
    tracks = [_UNTRACKED if face.track is None else face.track for face in faces]
    return Detections(
        xyxy=boxes_of(faces).astype(np.float32),
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


def from_detections(detections: supervision.Detections) -> tuple[FacePrediction, ...]:
    """Return the faces of `Detections` that came from `to_detections`, in their order.

    Numbers are rounded to 32 bits.
    """
    if len(detections) == 0:  # supervision's trackers then leave out the data
        return ()
    tracks = detections.tracker_id
    if tracks is None:
        tracks = np.full(len(detections), _UNTRACKED)
    return tuple(
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


def _columns(rows: list[tuple[float, ...]]) -> NDArray[np.float32]:
    return np.array(rows, np.float32).reshape(-1, len(Emotion))
