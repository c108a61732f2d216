"""The training loop of all classifiers."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from yolo_fer.convert.crop_set import Crops
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.images import write_atomically
from yolo_fer.runtime.executor import Progress, no_progress
from yolo_fer.train.classifier.augmentation import Augmentation, Batches
from yolo_fer.train.detector_training import best_precision

LAST, BEST = "last.pt", "best.pt"
"""The checkpoints of a training: what it goes on with, and the weights of its best epoch."""
_WARM_UP, _LEAST_RATE = 0.05, 0.01  # shares of the steps and of the highest rate
_GRADIENT_NORM = 5.0
_EVALUATED = 256  # images at once


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast a classifier is trained.

    Args:
        epochs: at most.
        batch: images a step.
        rate: highest learning rate of Adam; a cosine follows the warm-up.
        decay: the decay of the weights of convolutions and layers, decoupled from the gradient.
        patience: epochs without a lower validation loss after which the training stops.
        seed: the seed of all that is random.

    Raises:
        UsageError: if the rate is not positive.
    """

    epochs: int
    batch: int
    rate: float
    decay: float
    patience: int
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.rate > 0:
            raise UsageError(f"`rate` is {self.rate:g}; give a learning rate above 0")

    def rate_at(self, step: int, steps: int) -> float:
        """Return the learning rate of a step of all `steps`, counted from 0."""
        warm_up = max(1, round(_WARM_UP * steps))
        if step < warm_up:
            return self.rate * (step + 1) / warm_up
        cosine = (1 + math.cos(math.pi * (step - warm_up) / max(1, steps - warm_up))) / 2
        return self.rate * (_LEAST_RATE + (1 - _LEAST_RATE) * cosine)


@dataclass(frozen=True, slots=True)
class Epoch:
    """What one pass over the training images gave; losses are cross-entropies in nats."""

    epoch: int
    rate: float
    train_loss: float
    val_loss: float
    val_accuracy: float


@dataclass(slots=True)
class _State:
    """How far a training is, and its best epoch; and the hashes of what it is trained on."""

    data: list[str]
    history: list[Epoch] = field(default_factory=list)

    @property
    def best(self) -> int:
        """The index of the epoch with the lowest validation loss."""
        return min(range(len(self.history)), key=lambda i: self.history[i].val_loss)

    def is_over(self, schedule: Schedule) -> bool:
        done = len(self.history)
        return done >= schedule.epochs or (done > 0 and done - 1 - self.best >= schedule.patience)


@dataclass(slots=True)
class Trainer:
    """Trains a network, and goes on where a killed training had saved.

    Everything random of an epoch follows from the seed and the epoch's number, so that a training
    that goes on sees the same images as one that was never stopped.

    Args:
        network: to start from; it is changed.
        train: what it learns from.
        val: what decides when it is best.
        batches: bring pixels to its input.
        augmentation: the augmentation of the training images.
        schedule: the schedule of the training.
        device: where it is computed.
        folder: for last.pt, best.pt and results.csv.
        progress: shows how far an epoch is.
    """

    network: nn.Module
    train: Crops
    val: Crops
    batches: Batches
    augmentation: Augmentation
    schedule: Schedule
    device: torch.device
    folder: Path
    progress: Progress[int] = no_progress

    def run(self, on_epoch: Callable[[Epoch], None]) -> list[Epoch]:
        """Train to the end; best.pt then holds the weights with the lowest validation loss.

        Args:
            on_epoch: told of each epoch that ends.

        Raises:
            YoloFerError: if the loss grows out of all bounds, or what it goes on with was trained
                on other data.
        """
        self.network.to(self.device, memory_format=torch.channels_last)
        optimizer = self._optimizer()
        state = _State([self.train.sha256(), self.val.sha256()])
        if (self.folder / LAST).exists():
            self._restore(optimizer, state)
        while not state.is_over(self.schedule):
            number = len(state.history)
            loss = self._train_epoch(optimizer, number)
            logits = compute_logits(self.network, self.val, self.batches, self.device)
            val_loss = _cross_entropy(logits, self.val)
            # the last step may have been the one too many, which only the second loss has seen
            check_finite((loss, val_loss), number + 1, self.schedule.rate)
            state.history.append(
                Epoch(
                    number + 1,
                    self.schedule.rate_at(number * self._steps, self.schedule.epochs * self._steps),
                    loss,
                    val_loss,
                    float((logits.argmax(1) == self.val.labels).mean()),
                )
            )
            if state.best == number:
                save_atomically(self.folder / BEST, {"network": self.network.state_dict()})
            self._save(optimizer, state)
            on_epoch(state.history[-1])
        return state.history

    @property
    def _steps(self) -> int:
        """Steps an epoch; the images that are left over come in another epoch."""
        return max(1, len(self.train) // self.schedule.batch)

    def _optimizer(self) -> torch.optim.Optimizer:
        parameters = list(self.network.parameters())
        groups = [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": self.schedule.decay},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, lr=self.schedule.rate)

    def _train_epoch(self, optimizer: torch.optim.Optimizer, number: int) -> float:
        """Return the mean loss."""
        random = torch.Generator().manual_seed(self.schedule.seed * 100_003 + number)
        pixels, targets = torch.from_numpy(self.train.pixels), torch.from_numpy(self.train.targets)
        order = torch.randperm(len(self.train), generator=random)
        self.network.train()
        total = 0.0
        with torch.random.fork_rng():  # dropout draws from the global state
            torch.manual_seed(self.schedule.seed * 100_003 + number)
            steps = range(self._steps)
            for step in self.progress(steps, f"epoch {number + 1}", len(steps)):
                rate = self.schedule.rate_at(
                    number * self._steps + step, self.schedule.epochs * self._steps
                )
                for group in optimizer.param_groups:
                    group["lr"] = rate
                rows = order[step * self.schedule.batch : (step + 1) * self.schedule.batch]
                images = self.batches.augmented(
                    pixels[rows].to(self.device), self.augmentation, random
                )
                with precision(self.device):
                    logits = self.network(images)
                loss = functional.cross_entropy(logits.float(), targets[rows].to(self.device))
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                nn.utils.clip_grad_norm_(self.network.parameters(), _GRADIENT_NORM)
                optimizer.step()
                total += float(loss.detach())
        return total / self._steps

    def _save(self, optimizer: torch.optim.Optimizer, state: _State) -> None:
        write_results(self.folder.parent / "results.csv", state.history)
        saved = {
            "network": self.network.state_dict(),
            "optimizer": optimizer.state_dict(),
            "history": [asdict(epoch) for epoch in state.history],
            "data": state.data,
        }
        save_atomically(self.folder / LAST, saved)

    def _restore(self, optimizer: torch.optim.Optimizer, state: _State) -> None:
        saved = torch.load(self.folder / LAST, map_location=self.device, weights_only=True)
        if saved.get("data") != state.data:
            raise YoloFerError(
                f"the training in {self.folder.parent} began on other faces than its data have "
                "now; train without `resume`"
            )
        self.network.load_state_dict(saved["network"])
        optimizer.load_state_dict(saved["optimizer"])
        state.history = [Epoch(**epoch) for epoch in saved["history"]]


def check_finite(losses: Iterable[float], epoch: int, rate: float) -> None:
    """Make sure that a training has not diverged.

    Raises:
        YoloFerError: if a loss is infinite or no number; it names the epoch, counted from 1.
    """
    if not all(map(math.isfinite, losses)):
        raise YoloFerError(
            f"the training diverged in epoch {epoch}; give a lower `rate` than {rate:g}"
        )


def precision(device: torch.device) -> Any:
    """Return a context in which a network computes in bf16, where the hardware does."""
    fast = best_precision(device.type) == "bf16"
    return torch.autocast(device.type, torch.bfloat16, enabled=fast)


def compute_logits(
    network: nn.Module, crops: Crops, batches: Batches, device: torch.device
) -> NDArray[np.float32]:
    """Return (N, C) logits of crops as they are."""
    network.eval()
    pixels = torch.from_numpy(crops.pixels)
    with torch.inference_mode(), precision(device):
        parts = [
            network(batches.plain(part.to(device))).float().cpu()
            for part in pixels.split(_EVALUATED)
        ]
    return np.asarray(torch.cat(parts).numpy(), np.float32)


def _cross_entropy(logits: NDArray[np.float32], crops: Crops) -> float:
    targets: Tensor = torch.from_numpy(crops.targets)
    return float(functional.cross_entropy(torch.from_numpy(logits), targets))


def save_atomically(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint so that a kill never leaves half of one."""
    data = io.BytesIO()
    torch.save(state, data)
    write_atomically(path, data.getvalue())


def write_results(path: Path, history: list[Epoch]) -> None:
    """Write a row per epoch."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(Epoch.__slots__)
    rows.writerows([f"{value:.6g}" for value in asdict(epoch).values()] for epoch in history)
    write_atomically(path, text.getvalue().encode())
