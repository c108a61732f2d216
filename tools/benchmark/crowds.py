"""Made crowds: people whose faces move before a camera, and what a detector sees of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yolo_fer.boxes import intersection, iou

WIDTH, HEIGHT = 1280, 720
_SIZE = 0.16 * HEIGHT  # side of a face's box, before people differ
_JITTER = 0.02  # of a detected box's centre and side, as a share of the side
_MISSED = 0.05  # share of the faces that a detector misses by chance
_COVERED = 0.35  # IoU with a face in front above which a face is not found
_IN_VIEW = 0.5  # share of a face that the image must hold


@dataclass(frozen=True, slots=True)
class Seen:
    """What a detector found in one frame.

    Args:
        time_ms: time stamp of the frame.
        boxes: (N, 4) left, top, right, bottom in pixels.
        people: (N,) whose face each box is.
    """

    time_ms: float
    boxes: NDArray[np.float64]
    people: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Crowd:
    """Where faces are, whether they are found or not.

    Args:
        times: (T,) seconds.
        centres: (T, P, 2) in pixels of the scene.
        sizes: (P,) sides of the faces' boxes; the larger of two faces is in front.
        missed: (T, P) whether the detector has a bad moment.
        camera: (T, 2) left upper corner of the image in the scene.
    """

    times: NDArray[np.float64]
    centres: NDArray[np.float64]
    sizes: NDArray[np.float64]
    missed: NDArray[np.bool_]
    camera: NDArray[np.float64]


def watch(crowd: Crowd, seed: int) -> Iterator[Seen]:
    """Yield what a detector finds in each frame.

    Args:
        crowd: the people.
        seed: of the detector's errors.
    """
    rng = np.random.default_rng(seed)
    half = crowd.sizes[:, None] / 2
    front = np.argsort(-crowd.sizes)
    for t, time in enumerate(crowd.times):
        centres = crowd.centres[t] - crowd.camera[t]
        boxes = np.concatenate([centres - half, centres + half], axis=1)
        found = _in_view(boxes) & ~crowd.missed[t] & (rng.random(len(boxes)) >= _MISSED)
        people = [p for p in front if found[p] and not _covered(boxes, p, front)]
        order = rng.permutation(np.array(people, dtype=np.intp))
        noise = rng.normal(0, _JITTER, (len(boxes), 3)) * crowd.sizes[:, None]
        moved = boxes + noise[:, [0, 1, 0, 1]] + noise[:, 2:] / 2 * np.array([-1, -1, 1, 1])
        yield Seen(1000 * float(time), moved[order], order)


def _in_view(boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    frame = np.array([[0.0, 0.0, WIDTH, HEIGHT]])
    side = boxes[:, 2] - boxes[:, 0]
    return np.asarray(intersection(boxes, frame)[:, 0] > _IN_VIEW * side**2)


def _covered(boxes: NDArray[np.float64], person: int, front: NDArray[np.intp]) -> bool:
    before = front[: int(np.flatnonzero(front == person)[0])]
    return bool((iou(boxes[[person]], boxes[before]) > _COVERED).any())


def _times(
    seconds: float, rate: float, rng: np.random.Generator, dropped: float = 0.0
) -> NDArray[np.float64]:
    times = np.arange(round(seconds * rate)) / rate
    kept: NDArray[np.float64] = times[(rng.random(len(times)) >= dropped) | (times == 0)]
    return kept


def _sway(
    rng: np.random.Generator, times: NDArray[np.float64], people: int, reach: float, pace: float
) -> NDArray[np.float64]:
    """Return (T, P, 2) smooth to and fro within `reach` pixels, at `pace` turns a second."""
    rates = pace * rng.uniform(0.6, 1.4, (1, people, 2, 2)) * np.array([1.0, 2.3])
    phases = rng.uniform(0, 2 * np.pi, (1, people, 2, 2))
    waves = np.sin(2 * np.pi * rates * times[:, None, None, None] + phases)
    return np.asarray(reach * (waves * np.array([0.75, 0.25])).sum(axis=-1))


def _still(times: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.zeros((len(times), 2))


def _row(people: int) -> NDArray[np.float64]:
    x = (np.arange(people) + 0.5) * WIDTH / people
    return np.stack([x, np.full(people, HEIGHT / 2)], axis=1)


def _sizes(rng: np.random.Generator, people: int, scale: float = 1.0) -> NDArray[np.float64]:
    return _SIZE * scale * rng.uniform(0.75, 1.25, people)


def _bursts(
    rng: np.random.Generator, times: NDArray[np.float64], people: int, seconds: float, every: float
) -> NDArray[np.bool_]:
    """Return (T, P) whether a face is not found, for `seconds` at a time."""
    starts = rng.uniform(0, every, people) + 1.0
    return (times[:, None] >= starts) & ((times[:, None] - starts) % every < seconds)


def misses(rng: np.random.Generator) -> Crowd:
    """Six people who talk; each is not found for a second again and again."""
    times = _times(20, 30, rng)
    centres = _row(6) + _sway(rng, times, 6, 0.5 * _SIZE, 0.3)
    return Crowd(times, centres, _sizes(rng, 6), _bursts(rng, times, 6, 1.0, 5.0), _still(times))


def crossings(rng: np.random.Generator) -> Crowd:
    """Four people who walk past each other; the one behind is hidden for a moment."""
    times = _times(20, 30, rng)
    speed = rng.uniform(0.15, 0.3, 4) * WIDTH * np.array([1, -1, 1, -1])
    x = rng.uniform(0, WIDTH, 4) + speed * times[:, None]
    x = np.abs((x - 0.1 * WIDTH) % (1.6 * WIDTH) - 0.8 * WIDTH) + 0.1 * WIDTH  # they turn round
    y = HEIGHT / 2 + rng.uniform(-0.5, 0.5, 4) * _SIZE + 0 * x
    centres = np.stack([x, y], axis=2) + _sway(rng, times, 4, 0.05 * _SIZE, 1.5)
    return Crowd(times, centres, _sizes(rng, 4), np.zeros((len(times), 4), bool), _still(times))


def camera(rng: np.random.Generator) -> Crowd:
    """Four people before a camera in a hand that shakes and turns to and fro."""
    times = _times(20, 30, rng)
    centres = _row(4) + _sway(rng, times, 4, 0.2 * _SIZE, 0.3)
    pan = _sway(rng, times, 1, 0.1 * WIDTH, 0.5)[:, 0] * np.array([1.0, 0.3])
    shake = _sway(rng, times, 1, 0.12 * _SIZE, 3.0)[:, 0]
    missed = _bursts(rng, times, 4, 0.4, 5.0)
    return Crowd(times, centres, _sizes(rng, 4), missed, pan + shake)


def slow(rng: np.random.Generator) -> Crowd:
    """Three people before a webcam that gives five frames a second at most."""
    times = _times(40, 5, rng, dropped=0.15)
    centres = _row(3) + _sway(rng, times, 3, 1.0 * _SIZE, 0.22)
    missed = _bursts(rng, times, 3, 1.0, 8.0)
    return Crowd(times, centres, _sizes(rng, 3, 1.3), missed, _still(times))


def twenty(rng: np.random.Generator) -> Crowd:
    """Twenty people in four rows, and half a second without each of them now and then."""
    times = _times(15, 30, rng, dropped=0.2)
    rows = np.stack(np.meshgrid(np.arange(5), np.arange(4)), axis=2).reshape(-1, 2)
    places = (rows + 0.5) * np.array([WIDTH / 5, HEIGHT / 4])
    centres = places + _sway(rng, times, 20, 0.6 * _SIZE, 0.25)
    sizes = _sizes(rng, 20, 0.85)
    return Crowd(times, centres, sizes, _bursts(rng, times, 20, 0.5, 4.0), _still(times))


def passers(rng: np.random.Generator) -> Crowd:
    """People who walk through the picture, one after the other, at a walker's pace."""
    times = _times(20, 25, rng)
    people = 14
    speed = rng.uniform(0.2, 0.45, people) * WIDTH * rng.choice([-1, 1], people)
    middle = rng.uniform(0, times[-1], people)  # when each is half way
    x = WIDTH / 2 + speed * (times[:, None] - middle)
    y = HEIGHT * rng.uniform(0.2, 0.8, people) + 0 * x
    bob = _sway(rng, times, people, 0.06 * _SIZE, 1.8)
    missed = _bursts(rng, times, people, 0.3, 2.0)
    return Crowd(times, np.stack([x, y], axis=2) + bob, _sizes(rng, people), missed, _still(times))


CROWDS: dict[str, Callable[[np.random.Generator], Crowd]] = {
    "misses": misses,
    "crossings": crossings,
    "camera": camera,
    "slow": slow,
    "twenty": twenty,
    "passers": passers,
}
