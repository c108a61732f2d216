"""How long systems take for frames of one, five and twenty faces, all of them in turn."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from yolo_fer.evaluate.compare.crowds import FaceCrops
from yolo_fer.evaluate.stopwatch import per_pair, stopwatch, take_turns
from yolo_fer.images import Image
from yolo_fer.results import Predictor

FACES = (1, 5, 20)


@dataclass(frozen=True, slots=True)
class Timing:
    """What frames of one number of faces cost a system.

    Args:
        faces: how many faces are in each frame.
        milliseconds: the time for a frame, one value per round, at least one.
        ratios: the ratios to the time of the first system in the same round.
        found: faces that the system found in a frame, on average: what it did not find it did not
            have to name.
    """

    faces: int
    milliseconds: tuple[float, ...]
    ratios: tuple[float, ...]
    found: float

    @property
    def median(self) -> float:
        """The median of the milliseconds."""
        return statistics.median(self.milliseconds)

    @property
    def ratio(self) -> float:
        """The median of the ratios."""
        return statistics.median(self.ratios)


def time_systems(
    systems: Sequence[Predictor],
    crops: FaceCrops,
    repeats: int,
) -> list[tuple[Timing, ...]]:
    """Time systems on frames in memory, one frame at a time, in one run.

    Args:
        systems: what is compared; ratios are to the first.
        crops: the faces that frames are made of.
        repeats: rounds that count.

    Returns:
        For each system its timings, one for each of `FACES`.
    """
    crowds = [crops.frames(faces) for faces in FACES]
    # All numbers of faces take turns, too, so that one system's times can be compared.
    runs = [partial(seconds_for, system, frames) for frames in crowds for system in systems]
    taken = take_turns(runs, repeats)
    by_faces = [taken[i : i + len(systems)] for i in range(0, len(taken), len(systems))]
    return [
        tuple(
            Timing(
                faces,
                tuple(1000 * value / len(frames) for value in seconds[number]),
                per_pair(seconds[number], seconds[0]),
                mean_faces(system, frames),
            )
            for faces, frames, seconds in zip(FACES, crowds, by_faces, strict=True)
        )
        for number, system in enumerate(systems)
    ]


def seconds_for(system: Predictor, frames: Sequence[Image]) -> float:
    """Return the seconds that a system takes for frames, given one at a time."""
    seconds: list[float] = []
    with stopwatch(seconds):
        for frame in frames:
            system.predict([frame])
    return seconds[0]


def mean_faces(predictor: Predictor, frames: Sequence[Image]) -> float:
    """Return how many faces a frame has, as a predictor sees it."""
    return sum(len(found.faces) for found in predictor.predict(frames)) / len(frames)
