"""How well faces are followed through made crowds, compared with other trackers of the package."""

from __future__ import annotations

import statistics
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from tools.benchmark.crowds import CROWDS, HEIGHT, WIDTH, Seen, watch
from tools.benchmark.figures import Figure
from yolo_fer.emotions import Emotion
from yolo_fer.predict.face_motion import FRAME_RATE
from yolo_fer.predict.tracking import REACH_SECONDS, FaceTracker
from yolo_fer.results import FacePrediction, Prediction

_OURS = "FaceTracker"
_MOST_MILLISECONDS = 3.0
_BUSIEST = "twenty"

Numbers: TypeAlias = list[int | None]
Step: TypeAlias = Callable[[Seen], Numbers]


@dataclass(frozen=True, slots=True)
class Identities:
    """How well numbers and people go together.

    Args:
        idf1: share of the faces that bear the number that is their person's, 0 to 1; each number
            belongs to one person and each person has one number (E. Ristani et al., "Performance
            Measures and a Data Set for Multi-Target, Multi-Camera Tracking", 2016).
        switches: how often a person's number is another one than before.
        unnumbered: share of the faces without a number, 0 to 1.
    """

    idf1: float
    switches: int
    unnumbered: float


def identities(people: Iterable[Sequence[int]], numbers: Iterable[Numbers]) -> Identities:
    """Measure the numbers that the faces of a video were given.

    Args:
        people: for each frame, whose face each is.
        numbers: likewise, the track of each face.
    """
    from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

    last: dict[int, int] = {}
    together: Counter[tuple[int, int]] = Counter()
    switches = faces = 0
    for whose, given in zip(people, numbers, strict=True):
        faces += len(whose)
        for person, number in zip(whose, given, strict=True):
            if number is not None:
                switches += last.get(person, number) != number
                last[person] = number
                together[person, number] += 1
    rows = sorted({person for person, _ in together})
    columns = sorted({number for _, number in together})
    counts = np.array([[together[person, number] for number in columns] for person in rows])
    true = int(counts[linear_sum_assignment(-counts)].sum()) if together else 0
    numbered = together.total()
    idf1 = 2 * true / max(numbered + faces, 1)
    return Identities(idf1, switches, (faces - numbered) / max(faces, 1))


def tracking(repeats: int) -> list[Figure]:
    """Follow made crowds with our tracker and, for comparison, with others.

    Args:
        repeats: how often each crowd is made anew.
    """
    return [_follow(name, repeats) for name in CROWDS] + [_time_a_frame(repeats)]


def _follow(name: str, repeats: int) -> Figure:
    videos = [list(watch(CROWDS[name](np.random.default_rng(s)), s)) for s in range(repeats)]
    results = {
        who: [_measure(open_tracker(), video) for video in videos]
        for who, open_tracker in _TRACKERS.items()
    }
    others = {
        who: statistics.median(r.idf1 for r in each)
        for who, each in results.items()
        if who != _OURS
    }
    ours = results[_OURS]
    described = (CROWDS[name].__doc__ or "").rstrip(".")
    switches = sum(r.switches for r in ours)
    unnumbered = statistics.mean(r.unnumbered for r in ours)
    beside = ", ".join(f"{who} {100 * value:.0f}" for who, value in others.items())
    setting = (
        f"{described}; {repeats} videos, {switches} switches, {unnumbered:.1%} of the faces "
        f"without a number; {beside}"
    )
    return Figure(
        f"IDF1, {name}",
        tuple(100 * r.idf1 for r in ours),
        " %",
        round(100 * max(others.values()), 1),
        at_most=False,
        setting=setting,
    )


def _measure(step: Step, video: Sequence[Seen]) -> Identities:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        numbers = [step(seen) for seen in video]
    return identities((seen.people.tolist() for seen in video), numbers)


def _time_a_frame(repeats: int) -> Figure:
    video = list(watch(CROWDS[_BUSIEST](np.random.default_rng(0)), 0))
    predictions = [_prediction(seen) for seen in video]
    times = []
    for _ in range(repeats):
        tracker = FaceTracker()
        start = time.process_time()  # it has one thread, and other work does not count
        for prediction in predictions:
            tracker.update(prediction)
        times.append(1000 * (time.process_time() - start) / len(video))
    setting = f"twenty faces, {len(video)} frames"
    return Figure("CPU time a frame", tuple(times), " ms", _MOST_MILLISECONDS, True, setting)


def _prediction(seen: Seen) -> Prediction:
    scores = (0.5,) * len(Emotion)
    faces = (FacePrediction(_corners(box), scores) for box in seen.boxes.tolist())
    return Prediction("", WIDTH, HEIGHT, tuple(faces), time_ms=seen.time_ms)


def _corners(box: list[float]) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = box
    return x1, y1, x2, y2


def _ours() -> Step:
    tracker = FaceTracker()
    return lambda seen: [face.track for face in tracker.update(_prediction(seen)).faces]


def _other(name: str, **options: Any) -> Callable[[], Step]:
    """Return how a tracker of the package `trackers` is opened, as it comes but for our reach."""

    def open_tracker() -> Step:
        import supervision
        import trackers

        reach = round(REACH_SECONDS * FRAME_RATE)
        tracker = getattr(trackers, name)(lost_track_buffer=reach, **options)

        def step(seen: Seen) -> Numbers:
            count = len(seen.boxes)
            found = supervision.Detections(
                xyxy=seen.boxes.astype(np.float32).reshape(-1, 4), data={"face": np.arange(count)}
            )
            followed = tracker.update(found, timestamp=seen.time_ms / 1000)
            numbers: Numbers = [None] * count
            if count:
                for face, number in zip(followed.data["face"], followed.tracker_id, strict=True):
                    numbers[int(face)] = int(number) if number >= 0 else None
            return numbers

        return step

    return open_tracker


_TRACKERS: dict[str, Callable[[], Step]] = {
    _OURS: _ours,
    "SORT": _other("SORTTracker"),
    "ByteTrack": _other("ByteTrackTracker"),
    "OC-SORT": _other("OCSORTTracker"),
    "BoT-SORT": _other("BoTSORTTracker", enable_cmc=False),
    "C-BIoU": _other("CBIoUTracker"),
}
