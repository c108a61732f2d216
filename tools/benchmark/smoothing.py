"""What averaging the scores over time does to the labels of faces in labelled videos."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tools.benchmark.figures import Figure
from yolo_fer.convert.affwild2.people import name_people
from yolo_fer.convert.affwild2.people_doubt import Named
from yolo_fer.convert.affwild2.source import (
    Affwild2Folder,
    LabelledVideo,
    Side,
    Skipped,
    read_labels,
)
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError
from yolo_fer.inputs.video import VideoFile
from yolo_fer.predict.frame_time import seconds
from yolo_fer.predict.smoothing import ScoreSmoother
from yolo_fer.predict.tracking import FaceTracker
from yolo_fer.results import FacePrediction, Prediction, Predictor, boxes_of

_COMPARED = (0.25, 0.5, 1.0, 2.0)  # seconds
_MOST_CHANGES, _LEAST_GAIN = 0.5, 0.0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of whom a label file speaks.

    Args:
        faces: the index of the face in each frame, None where it was not found.
        labels: what the face shows in each frame, None where nobody says.
    """

    faces: tuple[int | None, ...]
    labels: tuple[Emotion | None, ...]


@dataclass(frozen=True, slots=True)
class FollowedVideo:
    """What was found in a video.

    Args:
        frames: with tracks.
        people: of the label files.
    """

    frames: tuple[Prediction, ...]
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How often labels change, and how often they are right.

    Args:
        changes: of the named expression from one frame to the next, over all people.
        seconds: of all people, from the first to the last frame in which each was found.
        right: labelled faces that were found and are named as labelled.
        labelled: labelled faces that were found.
    """

    changes: int
    seconds: float
    right: int
    labelled: int

    @property
    def changes_a_second(self) -> float:
        """Changes of a face's label in a second."""
        return self.changes / self.seconds

    @property
    def accuracy(self) -> float:
        """Share of the labelled faces that are named right."""
        return self.right / self.labelled

    def __str__(self) -> str:
        return f"{self.changes_a_second:.2f}/s {self.accuracy:.1%}"


def smoothing(root: Path, predictor: Predictor, constant: float) -> list[Figure]:
    """Compare labels with and without averaging on videos in the layout of Aff-Wild2.

    Args:
        root: of a release, real or drawn.
        predictor: that names the expressions.
        constant: the smoother's seconds.

    Raises:
        YoloFerError: if there is no labelled video, or nothing was found in it.
    """
    found = Affwild2Folder.find(root).videos
    videos = [follow(video, predictor) for video in found if video.video is not None]
    plain, truth = measure(videos, None), _of_labels(videos)
    if not plain.labelled or not plain.changes:
        raise YoloFerError(f"{root}: no labelled face was found, or its label never changed")
    averaged = measure(videos, constant)
    compared = ", ".join(f"{value:g} s {measure(videos, value)}" for value in _COMPARED)
    setting = (
        f"{len(videos)} videos, {plain.labelled} labelled faces, {predictor.name}; without "
        f"{plain}, {constant:g} s {averaged}; {compared}; the labels change {truth:.2f}/s"
    )
    ratio = averaged.changes / plain.changes
    gain = 100 * (averaged.accuracy - plain.accuracy)
    return [
        Figure("label changes, averaged : not", (ratio,), "x", _MOST_CHANGES, True, setting),
        Figure("accuracy, averaged - not", (gain,), " points", _LEAST_GAIN, False, "as above"),
    ]


def follow(video: LabelledVideo, predictor: Predictor) -> FollowedVideo:
    """Find and follow all faces of a video, and tell which are those of the labelled people."""
    assert video.video is not None  # the caller left the others out
    tracker = FaceTracker()
    frames: list[Prediction] = []
    for frame in VideoFile(video.video).frames():
        (found,) = predictor.predict([frame.image])
        frames.append(tracker.update(replace(found, frame=frame.index, time_ms=frame.time_ms)))
    boxes = [(index, boxes_of(frame.faces)) for index, frame in enumerate(frames)]
    named = name_people(boxes, [file.side for file in video.people])
    people = []
    for file in video.people:
        labels, _ = read_labels(file.path)
        people.append(Person(_faces(named, file.side), _known(labels, len(frames))))
    return FollowedVideo(tuple(frames), tuple(people))


def _faces(named: Sequence[Named], side: Side) -> tuple[int | None, ...]:
    return tuple(face if isinstance(face := entry[side], int) else None for entry in named)


def _known(labels: Sequence[Emotion | Skipped], count: int) -> tuple[Emotion | None, ...]:
    known = [None if isinstance(label, Skipped) else label for label in labels[:count]]
    return tuple(known + [None] * (count - len(known)))


def measure(videos: Iterable[FollowedVideo], constant: float | None) -> Outcome:
    """Return what comes out with a time constant in seconds, or without averaging for None."""
    changes, spans, right, labelled = 0, 0.0, 0, 0
    for video in videos:
        frames = video.frames if constant is None else _averaged(video.frames, constant)
        for person in video.people:
            shown = [
                None if index is None else _same_face(after, before.faces[index]).emotion
                for before, after, index in zip(video.frames, frames, person.faces, strict=True)
            ]
            more_changes, span = _changes(video.frames, shown)
            changes, spans = changes + more_changes, spans + span
            pairs = list(zip(shown, person.labels, strict=True))
            right += sum(s is label for s, label in pairs if s is not None)
            labelled += sum(s is not None and label is not None for s, label in pairs)
    return Outcome(changes, spans, right, labelled)


def _changes(frames: Sequence[Prediction], shown: Sequence[Emotion | None]) -> tuple[int, float]:
    """Return how often an expression changes, and in how many seconds; None is left out."""
    known = [(seconds(f), s) for f, s in zip(frames, shown, strict=True) if s is not None]
    if not known:
        return 0, 0.0
    changes = sum(before is not after for (_, before), (_, after) in itertools.pairwise(known))
    return changes, known[-1][0] - known[0][0]


def _averaged(frames: Iterable[Prediction], constant: float) -> list[Prediction]:
    smoother = ScoreSmoother(constant)
    return [smoother.update(frame) for frame in frames]


def _same_face(frame: Prediction, face: FacePrediction) -> FacePrediction:
    """Return a face with other scores; their order is another one then."""
    return next(other for other in frame.faces if other.box == face.box)


def _of_labels(videos: Iterable[FollowedVideo]) -> float:
    """Return how often the labels themselves change in a second."""
    each = [_changes(video.frames, p.labels) for video in videos for p in video.people]
    return sum(changes for changes, _ in each) / max(sum(span for _, span in each), 1e-9)
