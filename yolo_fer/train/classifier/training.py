"""How classifiers of face crops are trained: AdamW, a cosine, and the epoch that validates best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from yolo_fer.crops.crop_set import Crops
from yolo_fer.errors import UsageError
from yolo_fer.runtime.executor import Progress, no_progress
from yolo_fer.train.classifier.augmentation import Augmentation, Batches
from yolo_fer.train.device import precision
from yolo_fer.train.epochs import EpochBatches, Rows, measure_naming
from yolo_fer.train.loop import Course, train
from yolo_fer.train.optimising import Group, adamw, cosine
from yolo_fer.train.training_files import Row, TrainingFiles

_WARM_UP = 0.05  # of the steps
_GRADIENT_NORM = 5.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast a classifier is trained.

    Args:
        epochs: the most epochs.
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

    def course(self, epoch: int) -> Course:
        """Return it as the loop takes it, for epochs of so many steps."""
        steps = self.epochs * epoch
        warm_up = max(1, round(_WARM_UP * steps))
        return Course(
            steps,
            lambda step: cosine(step, steps, warm_up),
            logged=epoch,
            saved=epoch,
            unit="epoch",
            gradient_norm=_GRADIENT_NORM,
            lowest="val_loss",
            patience=self.patience,
            seed=self.seed,
        )


def files_in(folder: Path) -> TrainingFiles:
    """Return the files of the training of a run folder."""
    weights = folder / "weights"
    return TrainingFiles(weights / "last.pt", folder / "results.csv", weights / "best.pt")


def fit(
    network: nn.Module,
    learned: Crops,
    val: Crops,
    batches: Batches,
    schedule: Schedule,
    folder: Path,
    *,
    on_epoch: Callable[[Row], None],
    progress: Progress[int] = no_progress,
) -> list[Row]:
    """Train a network, or go on where a killed training had saved.

    Args:
        network: the network to start from, on the device that it is to be trained on; in the end it
            has the weights with the lowest validation loss.
        learned: what it learns from.
        val: what decides when it is best.
        batches: bring pixels to its input.
        schedule: the schedule of the training.
        folder: the folder of the run.
        on_epoch: told of each epoch that ends.
        progress: shows how far an epoch is.

    Returns:
        A row per epoch, with `train_loss` and `val_loss`, cross-entropies in nats, and
        `val_accuracy`.

    Raises:
        YoloFerError: if the loss grows out of all bounds, or what it goes on with was trained on
            other data.
    """
    device = next(network.parameters()).device
    network.to(memory_format=torch.channels_last)
    pixels, targets = torch.from_numpy(learned.pixels), torch.from_numpy(learned.targets)

    def order(random: np.random.Generator) -> Rows:
        return random.permutation(len(learned))

    def make(rows: Rows, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        generator = torch.Generator().manual_seed(int(random.integers(2**62)))
        images = batches.augmented(pixels[rows].to(device), Augmentation(), generator)
        return images, targets[rows].to(device)

    def loss_of(trainee: nn.Module, batch: Any) -> tuple[Tensor, dict[str, Tensor]]:
        images, wanted = batch
        with precision(device):
            logits = trainee(images)
        loss = functional.cross_entropy(logits.float(), wanted)
        return loss, {"train_loss": loss}

    def logits_of(seen: NDArray[np.uint8]) -> Tensor:
        return network(batches.plain(torch.from_numpy(seen).to(device)))

    # images that are left over come in another epoch
    steps = max(1, len(learned) // schedule.batch)
    return train(
        network,
        EpochBatches(order, make, steps, schedule.batch, (schedule.seed,)),
        loss_of,
        adamw([Group(list(network.parameters()))], schedule.rate, schedule.decay),
        schedule.course(steps),
        files_in(folder),
        measure=lambda trainee, step: measure_naming(trainee, logits_of, val),
        on_saved=on_epoch,
        data=[learned.sha256(), val.sha256()],
        progress=progress,
    )
