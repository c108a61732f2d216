"""The training loop of the shipped weights. Imported only after `import_ultralytics`."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from tools.shipping.grey_network import as_input
from tools.shipping.soft_loss import SoftLoss, Truth
from tools.shipping.step_log import log_step
from tools.shipping.views import ViewMaker
from yolo_fer.convert.steps import Progress, no_progress

_WARM_UP, _LEAST_RATE = 0.04, 0.01  # shares of the steps and of the highest rate
_GRADIENT_NORM = 10.0
_AVERAGING, _AVERAGING_RAMP = 0.9995, 200
_LOGGED = 50  # steps


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast a stage trains.

    Args:
        steps: in all.
        batch: images a step.
        rate: highest learning rate; a cosine follows the warm-up.
        decay: of AdamW (Loshchilov and Hutter 2019), on weights but not on biases and norms.
        naming: weight of naming expressions beside finding faces.
        save_every: steps between checkpoints.
    """

    steps: int
    batch: int = 24
    rate: float = 1e-3
    decay: float = 0.02
    naming: float = 1.0
    save_every: int = 400

    def rate_at(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0."""
        warm_up = max(1, round(_WARM_UP * self.steps))
        if step < warm_up:
            return self.rate * (step + 1) / warm_up
        way = (step - warm_up) / max(1, self.steps - warm_up)
        cosine = (1 + math.cos(math.pi * way)) / 2
        return self.rate * (_LEAST_RATE + (1 - _LEAST_RATE) * cosine)


class _Average:
    """The running mean of a network's weights, which is what is kept (Polyak 1992)."""

    def __init__(self, network: Any) -> None:
        self.network = deepcopy(network).eval()
        self.steps = 0

    def update(self, network: Any) -> None:
        self.steps += 1
        keep = _AVERAGING * (1 - math.exp(-self.steps / _AVERAGING_RAMP))
        newest = network.state_dict()
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                if value.dtype.is_floating_point:
                    value.lerp_(newest[name], 1 - keep)


def train(
    network: Any,
    views: ViewMaker,
    schedule: Schedule,
    folder: Path,
    on_saving: Callable[[Any, int], None] = lambda network, step: None,
    progress: Progress[int] = no_progress,
) -> Any:
    """Train a network, or go on where a killed training had saved.

    Args:
        network: to start from; not changed if the folder holds a training.
        views: of what it sees; a training that goes on sees the same as one that was never killed.
        schedule: of the training.
        folder: for `state.pt`, and `log.csv` with the parts of the loss.
        on_saving: told the averaged network and the number of steps before each saving; after a
            kill it may be told of the same step again.
        progress: shows how far it is.

    Returns:
        The averaged network.
    """
    folder.mkdir(parents=True, exist_ok=True)
    network = network.train().to(memory_format=torch.channels_last)
    optimizer = _optimizer(network, schedule)
    average = _Average(network)
    done = _restore(folder / "state.pt", network, optimizer, average, views)
    loss_of = SoftLoss(network, schedule.naming)
    parts: Counter[str] = Counter()
    steps = range(done, schedule.steps)
    for step in progress(steps, "training", len(steps)):
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate_at(step)
        batch = [views.view() for _ in range(schedule.batch)]
        network.train()
        with torch.autocast("cpu", torch.bfloat16):
            predictions = network(as_input([view.pixels for view in batch]))
        loss, terms = loss_of(predictions, Truth.of(batch))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), _GRADIENT_NORM)
        optimizer.step()
        average.update(network)
        parts.update(terms)
        if (step + 1) % _LOGGED == 0:
            means = [f"{value / _LOGGED:.4f}" for value in parts.values()]
            log_step(folder / "log.csv", list(parts), step + 1, [means])
            parts.clear()
        if (step + 1) % schedule.save_every == 0 or step + 1 == schedule.steps:
            on_saving(average.network, step + 1)
            _save(folder / "state.pt", step + 1, network, optimizer, average, views)
    return average.network


def _optimizer(network: Any, schedule: Schedule) -> torch.optim.Optimizer:
    fixed = network.model[-1].dfl.conv.weight  # a constant, not a weight
    for parameter in network.parameters():
        parameter.requires_grad_(parameter is not fixed)
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": schedule.decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=schedule.rate)


def _save(
    path: Path,
    step: int,
    network: Any,
    optimizer: torch.optim.Optimizer,
    average: _Average,
    views: ViewMaker,
) -> None:
    state = {
        "step": step,
        "network": network.state_dict(),
        "average": average.network.state_dict(),
        "averaged_steps": average.steps,
        "optimizer": optimizer.state_dict(),
        "views": views.state,
    }
    temporary = path.with_suffix(".tmp")
    torch.save(state, temporary)
    temporary.replace(path)


def _restore(
    path: Path,
    network: Any,
    optimizer: torch.optim.Optimizer,
    average: _Average,
    views: ViewMaker,
) -> int:
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    network.load_state_dict(state["network"])
    average.network.load_state_dict(state["average"])
    average.steps = state["averaged_steps"]
    optimizer.load_state_dict(state["optimizer"])
    views.state = state["views"]
    return int(state["step"])
