"""Measured figures next to their goals, and the tables that they are printed in."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yolo_fer.evaluate.environment import one_line
from yolo_fer.evaluate.stopwatch import stopwatch, take_turns
from yolo_fer.files import write_atomically, write_json

COLUMNS = ("figure", "goal", "median", "spread", "", "setting")


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure compared with its goal.

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


def interleave(
    ours: Callable[[], float], bare: Callable[[], float], repeats: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Run two things in turn; see `take_turns`.

    Returns:
        The seconds of both; those of one pair have the same index.
    """
    first, second = take_turns((ours, bare), repeats)
    return first, second


def seconds_into(run: Callable[[Path], object], out: Path) -> float:
    """Return the seconds that it takes to fill a new folder, which is removed afterwards."""
    seconds: list[float] = []
    with stopwatch(seconds):
        run(out)
    shutil.rmtree(out)
    return seconds[0]


def in_words(ours: tuple[float, ...], bare: tuple[float, ...]) -> str:
    """Return the median seconds of both as text."""
    return f"{statistics.median(ours):.2f} s compared with {statistics.median(bare):.2f} s"


def print_table(figures: Sequence[Figure], where: dict[str, str]) -> None:
    """Print the figures as a Rich table, and the environment below it."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*COLUMNS)
    for figure in figures:
        table.add_row(*figure.cells(), style=None if figure.met else "red")
    console = Console()
    console.print(table)
    console.print(one_line(where), highlight=False)


def write_markdown(path: Path, figures: Sequence[Figure], where: dict[str, str]) -> None:
    """Write the same as a Markdown table."""
    rows = [COLUMNS, ("---",) * len(COLUMNS), *(figure.cells() for figure in figures)]
    lines = [f"| {' | '.join(row)} |" for row in rows] + ["", one_line(where)]
    write_atomically(path, ("\n".join(lines) + "\n").encode())


def write_all(path: Path, figures: Sequence[Figure], where: dict[str, str]) -> None:
    """Write the figures with every repetition, and the environment, as JSON."""
    write_json(path, {"environment": where, "figures": [one.to_json() for one in figures]})
