"""Averaging a face's scores over its recent time, so that its label does not flicker."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from yolo_fer.arguments import is_number
from yolo_fer.errors import UsageError
from yolo_fer.predict.frame_time import ForwardClock
from yolo_fer.results import FacePrediction, Prediction

SECONDS = 0.5
"""The time constant where none is given: on labelled video near the best accuracy, and a changed
expression is named anew after about a third of a second (`python -m tools.benchmark smoothing`)."""
_FORGOTTEN = 8.0
"""Time constants after which a track is forgotten; its scores would weigh less than 0.04 %."""


@dataclass(frozen=True, slots=True)
class _Recent:
    face: FacePrediction
    time: float


class ScoreSmoother:
    """Averages the seven scores of each track, and a face finder's, over its recent time.

    The average is exponential in time: what was seen `seconds` ago weighs 1/e of what is seen now,
    and a frame counts for the time since the face was last seen, so that dropped frames and odd
    frame rates change nothing. It follows a change of expression sooner than the mean over a window
    that flickers as little. Averages of scores stay in 0 to 1; `score`, `probabilities` and
    `emotion` are those of the averages. A face without a track is left as it is; a track that ended
    is forgotten.

    Args:
        seconds: the time constant, greater than 0; more is steadier and later.

    Raises:
        UsageError: if `seconds` is not a number above 0.

    Example:
        >>> from yolo_fer.emotions import Emotion
        >>> smoother = ScoreSmoother(0.5)
        >>> def frame(time_ms, happiness):
        ...     face = FacePrediction((0, 0, 9, 9), (0, 0, 0, happiness, 0, 0, 0.5), track=1)
        ...     return Prediction("0", 640, 480, (face,), time_ms=time_ms)
        >>> shown = [smoother.update(frame(t, h)).faces[0] for t, h in [(0, 0.9), (40, 0.5)]]
        >>> [round(face.scores[Emotion.HAPPINESS], 2) for face in shown]
        [0.9, 0.87]
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        if not (is_number(seconds) and seconds > 0 and math.isfinite(seconds)):
            raise UsageError(f"`smooth={seconds}`: give the seconds as a number above 0")
        self._seconds = seconds
        self._clock = ForwardClock()
        self._tracks: dict[int, _Recent] = {}

    def update(self, prediction: Prediction) -> Prediction:
        """Take the next frame, with tracks, and return its prediction with averaged scores.

        Args:
            prediction: the prediction of the frame.

        Returns:
            The same faces, the best averaged score first.
        """
        now = self._clock.advance(prediction.time_ms)
        faces = [self._smoothed(face, now) for face in prediction.faces]
        oldest = now - _FORGOTTEN * self._seconds
        self._tracks = {n: recent for n, recent in self._tracks.items() if recent.time >= oldest}
        return replace(prediction, faces=tuple(sorted(faces, key=lambda f: -f.score)))

    def _smoothed(self, face: FacePrediction, now: float) -> FacePrediction:
        if face.track is None:
            return face
        before = self._tracks.get(face.track)
        if before is None:
            mixed = face
        else:
            mixed = _mixed(before.face, face, math.exp(-(now - before.time) / self._seconds))
        self._tracks[face.track] = _Recent(mixed, now)
        return mixed


def _mixed(before: FacePrediction, now: FacePrediction, old: float) -> FacePrediction:
    """Return a face as it is now, with the share `old` of what its scores were before."""
    pairs = zip(before.scores, now.scores, strict=True)
    scores = tuple(old * b + (1 - old) * s for b, s in pairs)
    found = now.finder_score
    if found is not None and before.finder_score is not None:
        found = old * before.finder_score + (1 - old) * found
    return replace(now, scores=scores, finder_score=found)
