"""Training one network of the cascade: detection, box and expression together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from yolo_fer.crops.crop_set import Crops
from yolo_fer.faces.mtcnn.geometry import squares, to_input
from yolo_fer.faces.mtcnn.networks import Answer
from yolo_fer.train.device import precision
from yolo_fer.train.epochs import EpochBatches, Rows, measure_naming
from yolo_fer.train.loop import Course, train
from yolo_fer.train.mtcnn.bank import Bank, Shown, cut
from yolo_fer.train.mtcnn.training_images import filled
from yolo_fer.train.training_files import Row, TrainingFiles

_DETECTION, _BOX = 1.0, 0.5  # the weights of the losses; that of the emotion is the schedule's
_BACKGROUND = 3  # windows for each face of a photograph


@dataclass(frozen=True, slots=True)
class StageSchedule:
    """How long and how fast a network of the cascade is trained; the defaults are the paper's.

    Losses are summed over a batch, as in Caffe: with means, this rate would not move a new head.
    The rate rises over the first epoch (Goyal et al. 2017): at windows which the starting weights
    are wrong about and sure of, whole steps can diverge.

    Args:
        epochs: the most epochs.
        batch: windows a step, with three of background for each face of a photograph.
        rate: the rate of SGD with momentum 0.9 at the end of the first epoch.
        decay: factor of the rate from epoch to epoch.
        emotion: weight of the emotion's loss; 0 while pre-training.
        patience: epochs without a lower validation loss after which the training stops.
        seed: the seed of all that is random.
    """

    epochs: int = 40
    batch: int = 100
    rate: float = 1e-4
    decay: float = 0.85
    emotion: float = 1.0
    patience: int = 10
    seed: int = 0

    def factor(self, step: int, epoch: int) -> float:
        """Return the share of the rate in a step, counted from 0, of epochs of so many steps."""
        number, place = divmod(step, epoch)
        return self.decay**number * (1.0 if number else (place + 1) / epoch)

    def course(self, epoch: int) -> Course:
        """Return it as the loop takes it, for epochs of so many steps."""
        return Course(
            self.epochs * epoch,
            lambda step: self.factor(step, epoch),
            logged=epoch,
            saved=epoch,
            unit="epoch",
            lowest="val_loss" if self.emotion else None,
            patience=self.patience,
            seed=self.seed,
        )


def cut_faces(crops: Crops, boxes: NDArray[np.float64] | None, side: int) -> Crops:
    """Return FER2013's faces as a network sees them, with pixels (N, side, side, 3) BGR.

    Args:
        crops: the crops with their surroundings.
        boxes: (N, 4) of the faces; None takes where they usually are.
        side: the side of the network's input, in pixels.
    """
    where = filled(np.full((len(crops), 4), np.nan), crops.pixels.shape[-1])
    windows = squares(where if boxes is None else boxes)
    seen = [cut(crops.pixels[i, 0], windows[i : i + 1], side) for i in range(len(crops))]
    return replace(crops, pixels=np.array(seen, np.uint8))


def train_stage(
    network: nn.Module,
    bank: Bank,
    validation: Crops,
    schedule: StageSchedule,
    device: torch.device,
    files: TrainingFiles,
    on_epoch: Callable[[Row], None],
) -> list[Row]:
    """Train a network, or go on where a killed training had saved.

    Args:
        network: the network to start from; in the end it has its best weights, or the last of a
            pre-training.
        bank: the crops that it learns from.
        validation: faces of `cut_faces`; they decide nothing while pre-training.
        schedule: the schedule of the training.
        device: where it is computed.
        files: the files that it writes.
        on_epoch: told of each epoch that ends.

    Returns:
        A row per epoch: the mean losses of a face, `detection_loss`, `box_loss` and `emotion_loss`,
        and on the validation faces `val_loss` and `val_accuracy`.

    Raises:
        YoloFerError: if the loss grows out of all bounds, or what it goes on with cannot be read.
    """
    network.to(device, memory_format=torch.channels_last)
    order = bank.order(np.random.default_rng(0))  # of which only the lengths count here
    photographed = (order < bank.photographed).mean()
    size = max(1, round(schedule.batch / (1 + _BACKGROUND * photographed)))
    steps = -(-len(order) // size)

    def pixels(crops: NDArray[np.uint8]) -> Tensor:
        return torch.from_numpy(to_input(crops)).to(device, memory_format=torch.channels_last)

    def show(rows: Rows, random: np.random.Generator) -> Shown:
        count = _BACKGROUND * np.count_nonzero(rows < bank.photographed)
        return bank.show(rows, random.integers(len(bank.background), size=count), random)

    def loss_of(trainee: nn.Module, shown: Shown) -> tuple[Tensor, dict[str, Tensor]]:
        # with bf16 it takes a third less time on a CPU
        with precision(device):
            answer = trainee(pixels(shown.crops))
        losses = multi_task_losses(answer, shown)
        weights = {"detection_loss": _DETECTION, "box_loss": _BOX, "emotion_loss": schedule.emotion}
        parts = dict(zip(weights, losses, strict=True))
        total = torch.stack([weights[name] * loss for name, loss in parts.items()]).sum()
        per_face = steps / len(order)  # of sums over batches, of which the last one is smaller
        return total, {name: loss * per_face for name, loss in parts.items()}

    def logits_of(crops: NDArray[np.uint8]) -> Tensor:
        return _flat(network(pixels(crops)).emotions)

    return train(
        network,
        EpochBatches(bank.order, show, steps, size, (schedule.seed, bank.side)),
        loss_of,
        torch.optim.SGD(network.parameters(), lr=schedule.rate, momentum=0.9),
        schedule.course(steps),
        files,
        measure=lambda trainee, step: measure_naming(trainee, logits_of, validation),
        on_saved=on_epoch,
    )


def multi_task_losses(answer: Answer, shown: Shown) -> tuple[Tensor, Tensor, Tensor]:
    """Return the losses of detection, box and emotion, each summed over the batch.

    Detection is a cross-entropy over the judged windows, the box a squared error over the faces,
    the emotion a cross-entropy over the faces that have one.
    """
    device = answer.face.device
    is_face = torch.from_numpy(shown.is_face).to(device)
    is_judged = torch.from_numpy(shown.is_judged).to(device)
    offsets = torch.from_numpy(shown.offsets).to(device)
    emotions = torch.from_numpy(shown.emotions).to(device)
    face, moved, named = _flat(answer.face), _flat(answer.offsets), _flat(answer.emotions)
    return (
        functional.cross_entropy(face[is_judged], is_face[is_judged].long(), reduction="sum"),
        ((moved - offsets) ** 2)[is_face].sum(),
        # a face without a label has targets of 0, which add nothing
        -(functional.log_softmax(named, 1) * emotions).sum(),
    )


def _flat(x: Tensor) -> Tensor:
    """Return (N, C) floats; what P-Net gives for its own size is (N, C, 1, 1)."""
    return x.float().flatten(1)
