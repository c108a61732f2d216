"""Timing that a busy machine does not fool: what is compared runs in turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager


@contextmanager
def stopwatch(seconds: list[float]) -> Iterator[None]:
    """Append the wall-clock seconds of a block to a list."""
    start = time.perf_counter()
    yield
    seconds.append(time.perf_counter() - start)


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
