"""Timing that a busy machine does not fool: two things in turn, and their median ratio."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure beside its goal.

    Args:
        name: what was measured.
        values: one per repetition, at least one.
        unit: stands behind the number, for example ` s` or `x`.
        goal: what is to be reached.
        at_most: whether the goal is an upper limit; else it is a lower one.
        setting: what the figure depends on: numbers of images, processes, threads, batch size.
    """

    name: str
    values: tuple[float, ...]
    unit: str
    goal: float
    at_most: bool
    setting: str

    @property
    def median(self) -> float:
        """The median of the repetitions."""
        return statistics.median(self.values)

    @property
    def met(self) -> bool:
        """Whether the median reaches the goal."""
        return self.median <= self.goal if self.at_most else self.median >= self.goal

    def cells(self) -> tuple[str, str, str, str, str, str]:
        """Return name, goal, median, spread, verdict and setting as text."""
        sign = "≤" if self.at_most else "≥"
        low, high = min(self.values), max(self.values)
        return (
            self.name,
            f"{sign} {self.goal:g}{self.unit}",
            f"{self.median:.3g}{self.unit}",
            f"{low:.3g} to {high:.3g}, {len(self.values)} runs",
            "met" if self.met else "NOT met",
            self.setting,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the figure as a JSON object."""
        return {
            "name": self.name,
            "goal": self.goal,
            "goal_is": "at most" if self.at_most else "at least",
            "unit": self.unit.strip(),
            "median": self.median,
            "values": list(self.values),
            "met": self.met,
            "setting": self.setting,
        }


@contextmanager
def stopwatch(seconds: list[float]) -> Iterator[None]:
    """Append the wall-clock seconds of a block to a list."""
    start = time.perf_counter()
    yield
    seconds.append(time.perf_counter() - start)


def interleave(
    ours: Callable[[], float], bare: Callable[[], float], repeats: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Run two things in turn; see `take_turns`.

    Returns:
        The seconds of both; those of one pair have the same index.
    """
    first, second = take_turns((ours, bare), repeats)
    return first, second


def take_turns(runs: Sequence[Callable[[], float]], repeats: int) -> tuple[tuple[float, ...], ...]:
    """Run some things in turn, so that what else the machine does falls on all of them.

    The order of each round is the reverse of the one before, since what comes later finds warmer
    caches; a round that does not count goes ahead.

    Args:
        runs: each runs once and returns its seconds, preparation and cleaning left out.
        repeats: rounds that count.

    Returns:
        The seconds of each; those of one round have the same index.
    """
    for run in runs:
        run()
    seconds: list[list[float]] = [[] for _ in runs]
    for round_number in range(repeats):
        order = range(len(runs))
        for which in order if round_number % 2 == 0 else reversed(order):
            seconds[which].append(runs[which]())
    return tuple(map(tuple, seconds))


def per_pair(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, ...]:
    """Return the ratio of each pair."""
    return tuple(x / y for x, y in zip(a, b, strict=True))


def in_words(ours: tuple[float, ...], bare: tuple[float, ...]) -> str:
    """Return the median seconds of both as text."""
    return f"{statistics.median(ours):.2f} s beside {statistics.median(bare):.2f} s"
