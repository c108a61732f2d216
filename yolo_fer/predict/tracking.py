"""Following faces through a stream while it runs, so that one face keeps one number.

`yolo_fer.convert.affwild2.tracks` does the same for conversions, where a frame in doubt may be
dropped: it gives no number where two people could be meant, while here every face should have one,
at once.
"""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np

from yolo_fer.errors import MissingExtraError
from yolo_fer.images import Image
from yolo_fer.predict.frame_time import ForwardClock
from yolo_fer.results import Prediction, boxes_of

REACH_SECONDS = 2.0
"""How long a face may be missing and still be the same."""
# A box grows by this share of its size on each side before overlaps are compared, so that faces are
# found again at 5 frames a second and after a miss.
_BUFFER = 0.8
_LEAST_OVERLAP = 0.1  # IoU of two boxes that grew
_WIDTH = 1000.0  # of every picture while faces are followed, since a stream may change its size


class FaceTracker:
    """Gives the faces of one source the numbers of their tracks, from 1; none is used twice.

    It is the tracker C-BIoU (F. Yang et al., "Hard to Track Objects with Irregular Motions and
    Similar Appearances?", WACV 2023) of the package `trackers`, with a motion that fades. Scores
    are not looked at, so that a change of expression never splits a track; time is counted in
    seconds, so that dropped frames and low frame rates do no harm. A face is numbered when it is
    found for the second time, those of the first frame at once; until then its track is None. Who
    leaves the picture and comes back is a new face.

    `python -m tools.benchmark tracking` compares it with the others of that package. Compensating
    the camera's motion is left out: at 5 ms a frame and more it costs as much as the detector.

    Raises:
        MissingExtraError: if the package is not installed.

    Example:
        >>> from yolo_fer.results import FacePrediction
        >>> tracker = FaceTracker()
        >>> face = FacePrediction((100, 100, 200, 200), (0.1,) * 7)
        >>> frames = (Prediction("0", 640, 480, (face,), n, 40.0 * n) for n in range(3))
        >>> [tracker.update(frame).faces[0].track for frame in frames]
        [1, 1, 1]
    """

    def __init__(self) -> None:
        self._sv, self._tracker = _open_tracker()
        self._clock = ForwardClock()

    def update(self, prediction: Prediction, image: Image | None = None) -> Prediction:
        """Take the next frame and return its prediction with `track` of each face set.

        Args:
            prediction: the prediction of the frame; its faces come back in the same order.
            image: the pixels of the frame, which are not used: faces are followed by their boxes
                alone.
        """
        now = self._clock.advance(prediction.time_ms)
        scale = _WIDTH / prediction.width
        boxes = scale * boxes_of(prediction.faces).astype(np.float32)
        found = self._sv.Detections(xyxy=boxes, data={"face": np.arange(len(boxes))})
        followed = self._tracker.update(found, timestamp=now)
        self._forget_who_left(scale * prediction.height)
        tracks: dict[int, int] = {}
        if len(boxes):  # without faces there are no data, either
            numbers = followed.tracker_id.tolist()
            tracks = dict(zip(followed.data["face"].tolist(), numbers, strict=True))
        faces = [
            replace(face, track=track + 1 if (track := tracks.get(index, -1)) >= 0 else None)
            for index, face in enumerate(prediction.faces)
        ]
        return replace(prediction, faces=tuple(faces))

    def _forget_who_left(self, height: float) -> None:
        """Drop the tracks that moved out of the picture: who comes in there is another person."""
        still_there = []
        for track in self._tracker.tracks:
            x1, y1, x2, y2 = track.get_state_bbox().tolist()
            inside = 0 <= x1 + x2 <= 2 * _WIDTH and 0 <= y1 + y2 <= 2 * height
            if inside or track.time_since_update == 0:
                still_there.append(track)
        self._tracker.tracks = still_there


def _open_tracker() -> tuple[ModuleType, Any]:
    try:
        import supervision
        from trackers import CBIoUTracker

        from yolo_fer.predict.face_motion import FRAME_RATE, FadingMotion
    except ImportError as error:
        raise MissingExtraError("trackers", "stream", "following faces") from error
    tracker = CBIoUTracker(
        lost_track_buffer=round(REACH_SECONDS * FRAME_RATE),
        frame_rate=FRAME_RATE,
        minimum_consecutive_frames=1,
        minimum_iou_threshold_first_assoc=_LEAST_OVERLAP,
        minimum_iou_threshold_unconfirmed_assoc=_LEAST_OVERLAP,
        state_estimator_class=FadingMotion,
        buffer_ratio_first=_BUFFER,
    )
    return supervision, tracker
