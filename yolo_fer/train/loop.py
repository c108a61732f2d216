"""The loop in which every network learns that Ultralytics does not train."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from yolo_fer.errors import YoloFerError
from yolo_fer.runtime.executor import Progress, no_progress
from yolo_fer.train.optimising import Average
from yolo_fer.train.training_files import Row, TrainingFiles

LossOf: TypeAlias = Callable[[Any, Any], tuple[Tensor, Mapping[str, Tensor]]]
"""Returns the loss of a network on a batch, and its parts for the log."""


@dataclass(frozen=True, slots=True)
class Course:
    """How long a training lasts, and when it logs, saves and ends.

    Args:
        steps: the most steps.
        factor: the factor by which each learning rate is multiplied in a step, counted from 0.
        logged: steps that a row of the log sums up.
        saved: steps between two checkpoints, a multiple of `logged`.
        unit: what is counted, `step`, or `epoch` of `logged` steps.
        gradient_norm: longer gradients are cut to it.
        lowest: the column of the log whose lowest value marks the best checkpoint; None takes the
            last one.
        patience: checkpoints after the best one with which the training ends.
        seed: the seed of what the network draws at random.
    """

    steps: int
    factor: Callable[[int], float]
    logged: int
    saved: int
    unit: str = "step"
    gradient_norm: float = math.inf
    lowest: str | None = None
    patience: float = math.inf
    seed: int = 0

    def count(self, step: int) -> int:
        """Return the number of the step or epoch that ends with a step, counted from 1."""
        return step if self.unit == "step" else -(-step // self.logged)

    def since_best(self, rows: Sequence[Row]) -> int:
        """Return how many checkpoints came after the best one."""
        judged = [row[self.lowest] for row in rows if self.lowest in row] if self.lowest else []
        return len(judged) - 1 - judged.index(min(judged)) if judged else 0

    def is_over(self, step: int, rows: Sequence[Row]) -> bool:
        """Tell whether a training ends after a step."""
        return step >= self.steps or self.since_best(rows) >= self.patience


def train(
    network: nn.Module,
    batches: Any,
    loss_of: LossOf,
    optimizer: torch.optim.Optimizer,
    course: Course,
    files: TrainingFiles,
    *,
    average: Average | None = None,
    measure: Callable[[Any, int], Row | None] = lambda network, step: None,
    on_saved: Callable[[Row], None] = lambda row: None,
    data: Sequence[str] = (),
    workers: int = 0,
    progress: Progress[int] = no_progress,
) -> list[Row]:
    """Train a network, or go on where a killed training had saved.

    What is random follows from the number of the step, so that a training that goes on, also with
    other workers, ends as one that was never killed.

    Args:
        network: the network to start from, on the device that it is to be trained on; in the end it
            is the best one, where that is kept.
        batches: gives the batch of a step by its number, the same whenever it is asked for.
        loss_of: what is made small.
        optimizer: the optimizer of its parameters, with their highest rates.
        course: the course of the training.
        files: the files that it writes; their folders exist.
        average: the running average of the network; if there is one, it is what is measured and
            kept.
        measure: is told of the network and the number of steps before each saving, and may return
            more columns of the log; after a kill it may be told of the same step again.
        on_saved: is told the newest row of the log after each saving.
        data: hashes of what the network learns from.
        workers: processes that make batches ahead; 0 makes them between the steps.
        progress: shows how far it is, from saving to saving.

    Returns:
        The rows of the log.

    Raises:
        YoloFerError: if the loss grows out of all bounds, or what it goes on with cannot be read or
            was trained on other data.
    """
    rates = torch.optim.lr_scheduler.LambdaLR(optimizer, course.factor)
    parts = {"network": network, "optimizer": optimizer, "rates": rates}
    parts |= {} if average is None else {"average": average}
    kept = network if average is None else average.network
    state = files.restore(parts, list(data))
    done: int = state.get("step", 0)
    rows: list[Row] = state.get("rows", [])
    device = next(network.parameters()).device
    # what the network draws itself, as for dropout, comes from the global state
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        left = range(done, course.steps)
        ahead = iter(DataLoader(batches, batch_size=None, sampler=left, num_workers=workers))
        while not course.is_over(done, rows):
            steps = range(done, min(done + course.saved, course.steps))
            title = f"{course.unit} {course.count(steps.stop)}"
            network.train()
            sums: dict[str, Tensor] = {}
            for step, batch in zip(progress(steps, title, len(steps)), ahead, strict=False):
                torch.manual_seed(course.seed * 1_000_003 + step)
                loss, terms = loss_of(network, batch)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                nn.utils.clip_grad_norm_(network.parameters(), course.gradient_norm)
                optimizer.step()
                if average is not None:
                    average.update(network)
                for name, term in terms.items():  # left on the device: to read one waits for it
                    sums[name] = sums.get(name, 0) + term.detach()
                done = step + 1
                if done % course.logged == 0 or done == course.steps:
                    rows.append(_row(course, done, rates.get_last_lr()[0], sums))
                    sums = {}
                    if done < steps.stop:
                        _log(rows, course, files)
                rates.step()
            rows[-1].update(measure(kept, done) or {})
            _log(rows, course, files)
            if not course.since_best(rows):
                files.write_best(kept)
            over = course.is_over(done, rows)
            files.save(parts, data=list(data), step=done, rows=rows, over=over)
            on_saved(rows[-1])
    files.load_best(kept)
    return rows


def _row(course: Course, step: int, rate: float, sums: Mapping[str, Tensor]) -> Row:
    means = (torch.stack(list(sums.values())) / ((step - 1) % course.logged + 1)).tolist()
    own: Row = {course.unit: course.count(step), "rate": rate}
    return own | dict(zip(sums, means, strict=True))


def _log(rows: Sequence[Row], course: Course, files: TrainingFiles) -> None:
    """Write the log, unless its last row tells of a training that has diverged."""
    last = rows[-1]
    if not all(map(math.isfinite, last.values())):
        raise YoloFerError(
            f"the training diverged by the end of {course.unit} {last[course.unit]}, where the "
            f"rate was {last['rate']:g}; give a lower `rate`"
        )
    files.write_log(rows)
