"""A whole training of a classifier: from a dataset to an ONNX file and its figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from yolo_fer.convert.folders_source import compile_group_by
from yolo_fer.crops.crop_set import Crops, DataChoice, class_names
from yolo_fer.crops.labelled_crops import describe_dropped, read_splits, warn_of_absent
from yolo_fer.dataset.drop_reasons import DropReason
from yolo_fer.errors import UnusedArgumentError, UsageError, YoloFerError
from yolo_fer.evaluate.classifier_scores import score
from yolo_fer.evaluate.classifiers import probabilities
from yolo_fer.evaluate.run_folder import run_folder
from yolo_fer.files import write_json
from yolo_fer.runtime.executor import Progress, no_progress
from yolo_fer.train.classifier.architectures import Architecture, find_architecture
from yolo_fer.train.classifier.augmentation import Batches
from yolo_fer.train.classifier.exporting import write_onnx
from yolo_fer.train.classifier.starting_weights import find_start, load_start
from yolo_fer.train.classifier.torch_networks import build_network
from yolo_fer.train.classifier.training import Schedule, files_in, fit
from yolo_fer.train.device import pick_device
from yolo_fer.train.report import write_report
from yolo_fer.train.training_files import Row
from yolo_fer.train.training_run import ARGUMENTS, arguments_of, find_unfinished
from yolo_fer.two_stage.classifier import Classifier

PARENT = Path("runs/classify")


@dataclass(frozen=True, slots=True)
class TrainingChoice:
    """What is trained, on what and how; it decides the result.

    Args:
        arch: one of `ARCHITECTURES`.
        data: FER2013's CSV file or a folder per emotion.
        ferplus: the votes of FER+.
        group_by: an expression that, found in the path of a folder's file, names the person.
        contempt: whether there is an eighth class.
        size: side of the input, in pixels.
        margin: side of the crops, in sides of the face's box.
        start: weights to start from; see `starting_weights.find_start`.
        schedule: the schedule of the training.
    """

    arch: str
    data: Path
    ferplus: Path | None
    group_by: str | None
    contempt: bool
    size: int
    margin: float
    start: str | None
    schedule: Schedule

    def __post_init__(self) -> None:
        least = self.architecture.least_size
        if self.size < least:
            raise UsageError(f"`size={self.size}`: {self.arch} needs at least {least} pixels")
        if self.contempt and self.ferplus is None and not self.data.is_dir():
            raise UnusedArgumentError(
                "`contempt`: FER2013 has no such label; add `ferplus` with its votes", "contempt"
            )

    @property
    def architecture(self) -> Architecture:
        """The architecture of the name."""
        return find_architecture(self.arch)

    @property
    def data_choice(self) -> DataChoice:
        """Which crops are read."""
        return DataChoice(
            self.data,
            self.ferplus,
            class_names(self.contempt),
            self.architecture.channels,
            self.size,
            compile_group_by(self.group_by) if self.group_by else None,
        )


def train_classifier(
    choice: TrainingChoice,
    *,
    out: Path | None = None,
    resume: bool = False,
    device: str = "auto",
    on_message: Callable[[str], None] = lambda message: None,
    progress: Progress[int] = no_progress,
) -> Path:
    """Train a classifier.

    Args:
        choice: the choice of the network, the data and the schedule.
        out: the run folder; by default runs/classify/train, train2, ….
        resume: go on with the newest unfinished run of the same choice, or with that in `out`.
        device: `auto`, `cpu`, `cuda` or `cuda:N`.
        on_message: told how the training goes.
        progress: shows how far an epoch is.

    Returns:
        The run folder, with args.json, results.csv, curves.png, confusion.png, metrics.json and
        weights/best.onnx, best.pt, last.pt.

    Raises:
        UsageError: for arguments that contradict.
        YoloFerError: if data or weights cannot be used, or there is nothing to go on with.
    """
    where = pick_device(device)
    arguments = arguments_of(choice)
    unfinished = find_unfinished(arguments, out, PARENT) if resume else None
    # killed in its first epoch, a training has nothing to go on with but its arguments
    begun = unfinished is not None and files_in(unfinished).last.exists()
    start = None if begun else find_start(choice.architecture, choice.start)
    splits = _read(choice, on_message)
    torch.manual_seed(choice.schedule.seed)
    network = build_network(choice.arch, choice.architecture.channels, len(splits["train"].names))
    if start is not None:
        load_start(network, start, choice.arch)
    with run_folder(unfinished or out, PARENT, "train", resume=unfinished is not None) as folder:
        (folder / "weights").mkdir(exist_ok=True)
        write_json(folder / ARGUMENTS, arguments)
        history = fit(
            network.to(where),
            splits["train"],
            splits["val"],
            Batches(choice.architecture, choice.size),
            choice.schedule,
            folder,
            on_epoch=lambda epoch: on_message(_describe(epoch, choice.schedule.epochs)),
            progress=progress,
        )
        names = splits["train"].names
        description = choice.architecture.describe(choice.size, names, choice.margin)
        write_onnx(network, description, folder / "weights" / "best.onnx")
        _report(choice, splits, history, folder, on_message)
    return folder


def _read(choice: TrainingChoice, on_message: Callable[[str], None]) -> dict[str, Crops]:
    """Return the crops of each split; those to be measured on have a class that is agreed on."""
    dropped: Counter[str] = Counter()
    splits = read_splits(choice.data_choice, dropped)
    train, read = splits["train"], sum(map(len, splits.values()))
    splits["train"] = train.chosen(train.targets.max(axis=1) > choice.architecture.least_share)
    dropped[DropReason.NO_CLEAR_LABEL] = len(train) - len(splits["train"])
    for split in ("val", "test"):
        splits[split] = splits[split].labelled()
    dropped[DropReason.NO_MAJORITY] = (
        read - dropped[DropReason.NO_CLEAR_LABEL] - sum(map(len, splits.values()))
    )
    for split, least in (("train", 2), ("val", 1)):  # of one face there is no variance to norm by
        if len(splits[split]) < least:
            raise YoloFerError(
                f"{choice.data}: {len(splits[split])} faces are left for {split}, which is too few"
            )
    if +dropped:
        on_message(f"left out of the file: {describe_dropped(dropped)}")
    on_message(", ".join(f"{split}: {len(crops)} faces" for split, crops in splits.items()))
    warn_of_absent(choice.data, splits)
    return splits


def _describe(epoch: Row, epochs: int) -> str:
    return (
        f"epoch {epoch['epoch']}/{epochs}: training loss {epoch['train_loss']:.3f}, validation "
        f"loss {epoch['val_loss']:.3f}, accuracy {100 * epoch['val_accuracy']:.1f} %"
    )


def _report(
    choice: TrainingChoice,
    splits: Mapping[str, Crops],
    history: Sequence[Row],
    folder: Path,
    on_message: Callable[[str], None],
) -> None:
    """Measure the ONNX file that was written, and draw."""
    classifier = Classifier(folder / "weights" / "best.onnx")
    measured = {
        split: score(crops.labels, probabilities([classifier], crops), crops.names)
        for split, crops in splits.items()
        if split != "train" and len(crops)
    }
    content = {
        "weights_sha256": classifier.weights_sha256,
        "epochs": len(history),
        **{split: scores.to_json() for split, scores in measured.items()},
    }
    title = f"{choice.architecture.title} on {choice.data.name}"
    write_report(folder, title, {choice.arch: history}, measured, content, on_message)
