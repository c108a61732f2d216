"""Training one network of the cascade: detection, box and expression together."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from yolo_fer.faces.mtcnn.geometry import to_input
from yolo_fer.faces.mtcnn.networks import Answer
from yolo_fer.images import write_atomically
from yolo_fer.train.classifier.training import check_finite, precision, save_atomically
from yolo_fer.train.mtcnn.bank import Bank, Shown

_DETECTION, _BOX = 1.0, 0.5  # the weights of the losses; that of the emotion is the schedule's
_BACKGROUND = 3  # windows for each face of a photograph
_EVALUATED = 256


@dataclass(frozen=True, slots=True)
class StageSchedule:
    """How long and how fast a network of the cascade is trained; the defaults are the paper's.

    Losses are summed over a batch, as in Caffe: with means, this rate would not move a new head.
    The rate rises over the first epoch (Goyal et al. 2017): at windows which the starting weights
    are wrong about and sure of, whole steps can diverge.

    Args:
        epochs: at most.
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

    def rate_at(self, epoch: int, done: float = 1.0) -> float:
        """Return the learning rate of an epoch, counted from 0, of which a share is done."""
        return self.rate * self.decay**epoch * (1.0 if epoch else done)


@dataclass(frozen=True, slots=True)
class StageEpoch:
    """What one epoch gave: mean losses, and the emotion's figures on FER2013's validation faces."""

    epoch: int
    rate: float
    detection_loss: float
    box_loss: float
    emotion_loss: float
    val_loss: float
    val_accuracy: float


@dataclass(frozen=True, slots=True, eq=False)
class Validation:
    """Faces on which a training decides when it is best.

    Args:
        crops: (N, side, side, 3) BGR, N at least 1.
        targets: (N, 7).
        labels: (N,) emotion ids.
    """

    crops: NDArray[np.uint8]
    targets: NDArray[np.float32]
    labels: NDArray[np.intp]


@dataclass(slots=True)
class StageTrainer:
    """Trains a network, and goes on where a killed training had saved.

    What is random follows from the seed and the epoch's number, so that a training that goes on
    sees what one sees that was never stopped.

    Args:
        network: to start from; in the end it has its best weights, or the last of a pre-training.
        bank: the crops that it learns from.
        validation: faces; not used while pre-training.
        schedule: the schedule of the training.
        device: where it is computed.
        path: the path of the checkpoint; next to it the epochs are written as .csv.
    """

    network: nn.Module
    bank: Bank
    validation: Validation
    schedule: StageSchedule
    device: torch.device
    path: Path
    history: list[StageEpoch] = field(default_factory=list)

    def run(self, on_epoch: Callable[[StageEpoch], None]) -> list[StageEpoch]:
        """Train to the end, or return at once if that had been reached before.

        Raises:
            YoloFerError: if the loss grows out of all bounds.
        """
        # with bf16 it takes a third less time on a CPU
        self.network.to(self.device, memory_format=torch.channels_last)
        optimizer = torch.optim.SGD(self.network.parameters(), lr=self.schedule.rate, momentum=0.9)
        best = self._restore(optimizer)
        while not self._is_over():
            number = len(self.history)
            losses = self._train_epoch(optimizer, number)
            logits = self._emotions(self.validation.crops)
            loss = functional.cross_entropy(logits, torch.from_numpy(self.validation.targets))
            check_finite((*losses, float(loss)), number + 1, self.schedule.rate)
            right = logits.argmax(1).numpy() == self.validation.labels
            self.history.append(
                StageEpoch(
                    number + 1,
                    self.schedule.rate_at(number),
                    *losses,
                    val_loss=float(loss),
                    val_accuracy=float(right.mean()),
                )
            )
            if self._best() == number:
                best = {k: v.detach().clone() for k, v in self.network.state_dict().items()}
            self._save(optimizer, best)
            on_epoch(self.history[-1])
        self.network.load_state_dict(best)
        return self.history

    def _best(self) -> int:
        """Return the index of the best epoch; while pre-training it is the last one."""
        if not self.schedule.emotion:
            return len(self.history) - 1
        return min(range(len(self.history)), key=lambda i: self.history[i].val_loss)

    def _is_over(self) -> bool:
        done = len(self.history)
        return done >= self.schedule.epochs or (
            done > 0 and done - 1 - self._best() >= self.schedule.patience
        )

    def _train_epoch(
        self, optimizer: torch.optim.Optimizer, number: int
    ) -> tuple[float, float, float]:
        """Show every face, with three windows of background for each of a photograph."""
        random = np.random.default_rng((self.schedule.seed, self.bank.side, number))
        order = self.bank.order(random)
        photographed = order < self.bank.photographed
        faces = max(1, round(self.schedule.batch / (1 + _BACKGROUND * photographed.mean())))
        self.network.train()
        totals = np.zeros(3)
        starts = range(0, len(order), faces)
        for start in starts:
            for group in optimizer.param_groups:
                group["lr"] = self.schedule.rate_at(number, min(1.0, (start + faces) / len(order)))
            rows = order[start : start + faces]
            count = _BACKGROUND * np.count_nonzero(photographed[start : start + faces])
            none = random.integers(len(self.bank.background), size=count)
            shown = self.bank.show(rows, none, random)
            with precision(self.device):
                answer = self.network(self._input(shown.crops))
            losses = multi_task_losses(answer, shown)
            weights = (_DETECTION, _BOX, self.schedule.emotion)
            total = torch.stack([w * x for w, x in zip(weights, losses, strict=True) if w]).sum()
            optimizer.zero_grad(set_to_none=True)
            total.backward()
            optimizer.step()
            totals += [float(loss.detach()) for loss in losses]
        detection, box, emotion = (totals / max(1, len(order))).tolist()
        return detection, box, emotion

    def _emotions(self, crops: NDArray[np.uint8]) -> Tensor:
        """Return (N, 7) logits."""
        self.network.eval()
        with torch.inference_mode(), precision(self.device):
            parts = [
                _flat(self.network(self._input(part)).emotions).cpu()
                for part in np.array_split(crops, -(-len(crops) // _EVALUATED))
            ]
        return torch.cat(parts)

    def _input(self, crops: NDArray[np.uint8]) -> Tensor:
        pixels = torch.from_numpy(to_input(crops))
        return pixels.to(self.device, memory_format=torch.channels_last)

    def _save(self, optimizer: torch.optim.Optimizer, best: dict[str, Tensor]) -> None:
        save_atomically(
            self.path,
            {
                "network": self.network.state_dict(),
                "best": best,
                "optimizer": optimizer.state_dict(),
                "history": [asdict(epoch) for epoch in self.history],
                "over": self._is_over(),
            },
        )
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(StageEpoch.__slots__)
        rows.writerows([f"{v:.6g}" for v in asdict(epoch).values()] for epoch in self.history)
        write_atomically(self.path.with_suffix(".csv"), text.getvalue().encode())

    def _restore(self, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
        if not self.path.exists():
            return dict(self.network.state_dict())
        state = torch.load(self.path, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        self.history = [StageEpoch(**epoch) for epoch in state["history"]]
        return dict(state["best"])


def load_finished(network: nn.Module, path: Path) -> bool:
    """Load what a training that came to its end left in its checkpoint; False if there is none."""
    if not path.exists():
        return False
    state = torch.load(path, map_location="cpu", weights_only=True)
    if state["over"]:
        network.load_state_dict(state["best"])
    return bool(state["over"])


def read_history(path: Path) -> list[StageEpoch]:
    """Return the epochs of a checkpoint."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    return [StageEpoch(**epoch) for epoch in state["history"]]


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
