"""Trainings that show all their faces once an epoch, and measure them on others after each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from yolo_fer.crops.crop_set import Crops
from yolo_fer.train.device import precision
from yolo_fer.train.training_files import Row

_MEASURED = 256  # faces at once

Rows: TypeAlias = NDArray[np.intp]


@dataclass(slots=True)
class EpochBatches:
    """The batch of each step; its faces and all else that is random follow from seed and step.

    Args:
        order: draws the rows of an epoch.
        make: makes a batch of some of them.
        steps: the number of steps of an epoch.
        size: rows of a batch; what is left over of an order comes in another epoch.
        seed: the seed of all that is random.
    """

    order: Callable[[np.random.Generator], Rows]
    make: Callable[[Rows, np.random.Generator], Any]
    steps: int
    size: int
    seed: tuple[int, ...]
    _drawn: tuple[int, Rows] | None = field(default=None, init=False)  # the newest epoch's order

    def __getitem__(self, step: int) -> Any:
        """Return the batch of a step, counted from 0 over all epochs."""
        epoch, place = divmod(step, self.steps)
        if self._drawn is None or self._drawn[0] != epoch:
            self._drawn = epoch, self.order(np.random.default_rng((*self.seed, epoch, 0)))
        rows = self._drawn[1][place * self.size : (place + 1) * self.size]
        return self.make(rows, np.random.default_rng((*self.seed, epoch, place + 1)))


def measure_naming(
    network: nn.Module, logits_of: Callable[[NDArray[np.uint8]], Tensor], crops: Crops
) -> Row:
    """Return the cross-entropy, in nats, and the accuracy of a network on validation faces.

    Args:
        network: put into evaluation mode.
        logits_of: what it answers to pixels of the crops, (N, C).
        crops: each with a label.
    """
    network.eval()
    parts = [crops.pixels[i : i + _MEASURED] for i in range(0, len(crops), _MEASURED)]
    with torch.inference_mode(), precision(next(network.parameters()).device):
        logits = torch.cat([logits_of(part).float().cpu() for part in parts])
    right = logits.argmax(1).numpy() == crops.labels
    loss = functional.cross_entropy(logits, torch.from_numpy(crops.targets))
    return {"val_loss": float(loss), "val_accuracy": float(right.mean())}
