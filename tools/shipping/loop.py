"""The training loop of the shipped weights, of the classifier of crops and of the detector."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tools.shipping.step_log import log_step
from yolo_fer.runtime.executor import Progress, no_progress
from yolo_fer.train.classifier.training import save_atomically

_LEAST_RATE = 0.01  # share of the highest rate
_WARM_UP = 150  # steps
_GRADIENT_NORM = 10.0
_LOGGED = 50  # steps
STATE_FILE = "state.pt"


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast a stage trains.

    Args:
        steps: in all.
        rate: highest learning rate; a cosine follows the warm-up.
        decay: of AdamW (Loshchilov and Hutter 2019), on weights but not on biases and norms.
        average: how much of the averaged network a step keeps (Polyak and Juditsky 1992).
        save_every: steps between checkpoints.
    """

    steps: int
    rate: float = 1e-3
    decay: float = 0.02
    average: float = 0.9985
    save_every: int = 300

    def rate_at(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0."""
        warm_up = min(_WARM_UP, max(1, self.steps // 5))
        rising = min(1.0, (step + 1) / warm_up)
        cosine = (1 + math.cos(math.pi * step / self.steps)) / 2
        return self.rate * rising * (_LEAST_RATE + (1 - _LEAST_RATE) * cosine)


@dataclass(frozen=True, slots=True)
class Group:
    """Parameters that learn at a multiple of the schedule's rate."""

    parameters: Sequence[nn.Parameter]
    rate: float = 1.0


class Average:
    """The running mean of a network's weights, which is what is kept."""

    def __init__(self, network: nn.Module, keep: float) -> None:
        self.network = deepcopy(network).eval()
        self.steps, self._keep = 0, keep

    @torch.no_grad()  # type: ignore[untyped-decorator]  # torch is not looked into
    def update(self, network: nn.Module) -> None:
        """Move towards a network; faster at first, when it is young."""
        self.steps += 1
        keep = self._keep * (1 - math.exp(-self.steps / _WARM_UP))
        newest = network.state_dict()
        for name, value in self.network.state_dict().items():
            if value.dtype.is_floating_point:
                value.lerp_(newest[name], 1 - keep)


def train(
    network: nn.Module,
    batches: torch.utils.data.Dataset[Any],
    loss_of: Callable[[nn.Module, Any], tuple[Tensor, Mapping[str, Tensor]]],
    groups: Sequence[Group],
    schedule: Schedule,
    folder: Path,
    *,
    workers: int = 0,
    on_saving: Callable[[nn.Module, int], None] = lambda network, step: None,
    progress: Progress[int] = no_progress,
) -> nn.Module:
    """Train a network, or go on where a killed training had saved.

    The batch of a step is the same whenever and wherever it is made, so that a training that goes
    on, also with other workers, sees what one that was never killed sees.

    Args:
        network: to start from, on the device that it is to be trained on.
        batches: the batch of each step, by its number.
        loss_of: the loss of the network on a batch, and its parts for a log.
        groups: what is trained; parameters of one dimension are not decayed.
        schedule: of the training.
        folder: for `state.pt`, and `log.csv` with the parts of the loss.
        workers: processes that make batches ahead; 0 makes them between the steps.
        on_saving: told the averaged network and the number of steps before each saving; after a
            kill it may be told of the same step again.
        progress: shows how far it is.

    Returns:
        The averaged network.
    """
    folder.mkdir(parents=True, exist_ok=True)
    optimizer = _optimizer(groups, schedule)
    average = Average(network, schedule.average)
    done = _restore(folder / STATE_FILE, network, optimizer, average)
    steps = range(done, schedule.steps)
    loader = torch.utils.data.DataLoader(
        batches, batch_size=None, sampler=steps, num_workers=workers, persistent_workers=workers > 0
    )
    parts: Counter[str] = Counter()
    for step, batch in zip(progress(steps, "training", len(steps)), loader, strict=True):
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate_at(step) * group["share"]
        network.train()
        loss, terms = loss_of(network, batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), _GRADIENT_NORM)
        optimizer.step()
        average.update(network)
        parts.update({name: float(term) for name, term in terms.items()})
        if (step + 1) % _LOGGED == 0:
            means = [f"{value / _LOGGED:.4f}" for value in parts.values()]
            log_step(folder / "log.csv", list(parts), step + 1, [means])
            parts.clear()
        if (step + 1) % schedule.save_every == 0 or step + 1 == schedule.steps:
            on_saving(average.network, step + 1)
            _save(folder / STATE_FILE, step + 1, network, optimizer, average)
    return average.network


def _optimizer(groups: Sequence[Group], schedule: Schedule) -> torch.optim.Optimizer:
    settings = []
    for group in groups:
        for decay, chosen in (
            (schedule.decay, [p for p in group.parameters if p.ndim > 1]),
            (0.0, [p for p in group.parameters if p.ndim <= 1]),
        ):
            if chosen:
                settings.append({"params": chosen, "weight_decay": decay, "share": group.rate})
    return torch.optim.AdamW(settings, lr=schedule.rate)


def _save(
    path: Path, step: int, network: nn.Module, optimizer: torch.optim.Optimizer, average: Average
) -> None:
    state = {
        "step": step,
        "network": network.state_dict(),
        "average": average.network.state_dict(),
        "averaged_steps": average.steps,
        "optimizer": optimizer.state_dict(),
    }
    save_atomically(path, state)


def _restore(
    path: Path, network: nn.Module, optimizer: torch.optim.Optimizer, average: Average
) -> int:
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True, map_location="cpu")
    network.load_state_dict(state["network"])
    average.network.load_state_dict(state["average"])
    average.steps = state["averaged_steps"]
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])
