"""What each tracked face showed, for how long, and how often its label changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.paths import escaped
from yolo_fer.predict.frame_time import seconds
from yolo_fer.results import FacePrediction, Prediction

SUMMARY_COLUMNS = (
    "source",
    "track",
    "first_ms",
    "last_ms",
    "frames",
    "emotion",
    *(f"share_{name}" for name in EMOTION_NAMES),
    "mean_score",
    "mean_probability",
    "label_changes_per_second",
)
_LONGEST_FRAME = 1.0  # seconds; after a longer one the source was away, and the face was not seen


@dataclass(frozen=True, slots=True)
class TrackSummary:
    """One face of one video or stream.

    Args:
        source: the file or stream as the user named it.
        track: the number of its track in that source.
        first_ms: when it was seen first, in milliseconds.
        last_ms: when it was seen last.
        frames: the number of frames in which it was found.
        shares: the share of the time in which each emotion was its label, in the order of
            `Emotion`; a frame counts until the next one. They sum to 1.
        mean_score: the mean over the frames of the face's score, 0 to 1.
        mean_probability: the mean over the frames of the label's probability, 0 to 1.
        label_changes_per_second: the number of times that its label differs from that of the frame
            in which it was found before, divided by the seconds in which it was found; 0 for a
            single frame.
    """

    source: str
    track: int
    first_ms: float
    last_ms: float
    frames: int
    shares: tuple[float, ...]
    mean_score: float
    mean_probability: float
    label_changes_per_second: float

    @property
    def emotion(self) -> Emotion:
        """The emotion that was its label for the longest time."""
        return Emotion(max(range(len(self.shares)), key=self.shares.__getitem__))

    def to_row(self) -> dict[str, Any]:
        """Return the summary as a row of `SUMMARY_COLUMNS`."""
        shares = zip(EMOTION_NAMES, self.shares, strict=True)
        return {
            "source": escaped(self.source),
            "track": self.track,
            "first_ms": round(self.first_ms, 3),
            "last_ms": round(self.last_ms, 3),
            "frames": self.frames,
            "emotion": self.emotion.label,
            **{f"share_{name}": round(share, 4) for name, share in shares},
            "mean_score": round(self.mean_score, 4),
            "mean_probability": round(self.mean_probability, 4),
            "label_changes_per_second": round(self.label_changes_per_second, 4),
        }


@dataclass(slots=True)
class _Running:
    """A track that is being added up; a few hundred bytes, however long it lasts."""

    first: float
    last: float
    label: Emotion
    frames: int = 0
    score_sum: float = 0.0
    probability_sum: float = 0.0
    changes: int = 0
    seconds: list[float] = field(default_factory=lambda: [0.0] * len(Emotion))
    counts: list[int] = field(default_factory=lambda: [0] * len(Emotion))

    def add(self, time: float, face: FacePrediction) -> None:
        emotion = face.emotion
        self.changes += emotion is not self.label
        self.label, self.last = emotion, time
        self.frames += 1
        self.counts[emotion] += 1
        self.score_sum += face.score
        self.probability_sum += face.probabilities[emotion]

    def finish(self, source: str, track: int) -> TrackSummary:
        shown = sum(self.seconds)
        if shown > 0:
            shares = tuple(value / shown for value in self.seconds)
        else:  # the only frame of a video, or its last one, has no known duration
            shares = tuple(count / self.frames for count in self.counts)
        return TrackSummary(
            source,
            track,
            1000 * self.first,
            1000 * self.last,
            self.frames,
            shares,
            self.score_sum / self.frames,
            self.probability_sum / self.frames,
            self.changes / shown if shown > 0 else 0.0,
        )


class TrackSummaries:
    """Adds up the tracks of one or more sources, one source after the other.

    Example:
        >>> from yolo_fer.results import FacePrediction, Prediction
        >>> summaries = TrackSummaries()
        >>> for frame in range(4):
        ...     scores = (0.0, 0, 0, 0.8, 0, 0, 0.1) if frame else (0.0, 0, 0, 0.1, 0, 0, 0.8)
        ...     face = FacePrediction((0, 0, 9, 9), scores, track=1)
        ...     summaries.add(Prediction("a.mp4", 64, 48, (face,), frame, 100.0 * frame))
        >>> (summary,) = summaries.finished()
        >>> summary.emotion.label, summary.frames, round(summary.shares[Emotion.NEUTRAL], 2)
        ('happiness', 4, 0.33)
    """

    def __init__(self) -> None:
        self._tracks: dict[tuple[str, int], _Running] = {}
        self._before: tuple[str, float, list[_Running]] = ("", 0.0, [])

    def add(self, prediction: Prediction) -> None:
        """Take the next frame; faces without a track number, and images, are left out."""
        if prediction.frame is None:
            return
        now = seconds(prediction)
        source, before, seen_before = self._before
        if prediction.source == source:
            lasted = min(max(now - before, 0.0), _LONGEST_FRAME)
            for track in seen_before:
                track.seconds[track.label] += lasted
        self._before = prediction.source, now, list(self._add_faces(prediction, now))

    def _add_faces(self, prediction: Prediction, now: float) -> Iterator[_Running]:
        for face in prediction.faces:
            if face.track is None:
                continue
            key = prediction.source, face.track
            track = self._tracks.setdefault(key, _Running(now, now, face.emotion))
            track.add(now, face)
            yield track

    def finished(self) -> Iterator[TrackSummary]:
        """Yield the tracks so far, in the order in which they were seen first."""
        for (source, number), track in self._tracks.items():
            yield track.finish(source, number)
