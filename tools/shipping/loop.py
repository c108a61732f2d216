"""How long and how fast the shipped weights are trained, as crops and as images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from yolo_fer.runtime.executor import Progress, no_progress
from yolo_fer.train import loop
from yolo_fer.train.loop import Course, LossOf
from yolo_fer.train.optimising import Average, Group, adamw, cosine
from yolo_fer.train.training_files import TrainingFiles

_WARM_UP = 150  # steps
_GRADIENT_NORM = 10.0
_LOGGED = 50  # steps


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast a stage trains.

    Args:
        steps: in all.
        rate: highest learning rate; a cosine follows the warm-up.
        decay: of AdamW, on weights but not on biases and norms.
        average: how much of the averaged network a step keeps.
        save_every: steps between checkpoints; cut to a multiple of 50, if it is more than that.
    """

    steps: int
    rate: float = 1e-3
    decay: float = 0.02
    average: float = 0.9985
    save_every: int = 300

    def course(self) -> Course:
        """Return it as the loop takes it."""
        warm_up = min(_WARM_UP, max(1, self.steps // 5))
        logged = min(_LOGGED, self.save_every)
        return Course(
            self.steps,
            lambda step: cosine(step, self.steps, warm_up),
            logged,
            self.save_every // logged * logged,
            gradient_norm=_GRADIENT_NORM,
        )


def train(
    network: nn.Module,
    batches: Any,
    loss_of: LossOf,
    groups: Sequence[Group],
    schedule: Schedule,
    folder: Path,
    *,
    workers: int = 0,
    on_saving: Callable[[Any, int], None] = lambda network, step: None,
    progress: Progress[int] = no_progress,
) -> Any:
    """Train a network as `yolo_fer.train.loop.train` does, and return the averaged one.

    `folder` is for state.pt, and for log.csv with the parts of the loss.
    """
    folder.mkdir(parents=True, exist_ok=True)
    average = Average(network, schedule.average)
    loop.train(
        network,
        batches,
        loss_of,
        adamw(groups, schedule.rate, schedule.decay),
        schedule.course(),
        TrainingFiles(folder / "state.pt", folder / "log.csv"),
        average=average,
        measure=on_saving,
        workers=workers,
        progress=progress,
    )
    return average.network
