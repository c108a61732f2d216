"""A whole training of a classifier: from a dataset to an ONNX file and its figures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from yolo_fer.convert.crop_set import Crops, DataChoice, class_names
from yolo_fer.convert.folders_source import compile_group_by
from yolo_fer.convert.labelled_crops import describe_dropped, read_splits, warn_of_absent
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.evaluate.classifier_scores import score, summarise
from yolo_fer.evaluate.classifiers import probabilities
from yolo_fer.evaluate.run_folder import run_folder
from yolo_fer.images import write_json
from yolo_fer.runtime.executor import Progress, no_progress
from yolo_fer.train.classifier.architectures import Architecture, find_architecture
from yolo_fer.train.classifier.augmentation import Augmentation, Batches
from yolo_fer.train.classifier.exporting import write_onnx
from yolo_fer.train.classifier.starting_weights import find_start, load_start
from yolo_fer.train.classifier.torch_networks import build_network
from yolo_fer.train.classifier.training import BEST, LAST, Epoch, Schedule, Trainer
from yolo_fer.train.classifier.training_charts import draw_curves, draw_scores
from yolo_fer.two_stage.classifier import Classifier

_ARGUMENTS, _METRICS = "args.json", "metrics.json"
PARENT = Path("runs/classify")


@dataclass(frozen=True, slots=True)
class TrainingChoice:
    """What is trained, on what and how; it decides the result.

    Args:
        arch: one of `ARCHITECTURES`.
        data: FER2013's CSV file or a folder per emotion.
        ferplus: the votes of FER+.
        group_by: for a folder: found in a file's path, it names the person.
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
            raise UsageError("`contempt`: FER2013 has no such label; add `ferplus` with its votes")

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

    def to_json(self) -> dict[str, Any]:
        """Return it as it stands in args.json, with absolute paths."""
        plain = asdict(self)
        plain["data"] = str(self.data.resolve())
        plain["ferplus"] = str(self.ferplus.resolve()) if self.ferplus else None
        return plain


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
    unfinished = find_unfinished(choice.to_json(), out, PARENT) if resume else None
    # killed in its first epoch, a training has nothing to go on with but its arguments
    begun = unfinished is not None and (unfinished / "weights" / LAST).exists()
    start = None if begun else find_start(choice.architecture, choice.start)
    splits = _read(choice, on_message)
    torch.manual_seed(choice.schedule.seed)
    network = build_network(choice.arch, choice.architecture.channels, len(splits["train"].names))
    if start is not None:
        load_start(network, start, choice.arch)
    with run_folder(unfinished or out, PARENT, "train", resume=unfinished is not None) as folder:
        weights = folder / "weights"
        weights.mkdir(exist_ok=True)
        write_json(folder / _ARGUMENTS, choice.to_json())
        trainer = Trainer(
            network=network,
            train=splits["train"],
            val=splits["val"],
            batches=Batches(choice.architecture, choice.size),
            augmentation=Augmentation(),
            schedule=choice.schedule,
            device=where,
            folder=weights,
            progress=progress,
        )
        history = trainer.run(lambda epoch: on_message(_describe(epoch, choice.schedule.epochs)))
        best = torch.load(weights / BEST, map_location=where, weights_only=True)
        network.load_state_dict(best["network"])
        names = splits["train"].names
        description = choice.architecture.describe(choice.size, names, choice.margin)
        write_onnx(network, description, weights / "best.onnx")
        _report(choice, splits, history, folder, on_message)
    return folder


def pick_device(device: str) -> torch.device:
    """Return the device of a word.

    Raises:
        UsageError: if there is no such device.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        chosen = torch.device(device)
    except RuntimeError as error:
        raise UsageError(f"`device={device}` is none of auto, cpu, cuda and cuda:N") from error
    if chosen.type == "cuda" and not torch.cuda.is_available():
        raise UsageError(f"`device={device}`: PyTorch finds no CUDA; use `device=cpu`")
    return chosen


def find_unfinished(wanted: Mapping[str, Any], out: Path | None, parent: Path) -> Path:
    """Return the newest run folder with these arguments that did not come to its end.

    Args:
        wanted: what stands in its args.json.
        out: the only folder that is looked at; None looks at all.
        parent: the parent of all run folders.

    Raises:
        YoloFerError: if there is none.
    """
    folders = [out] if out else sorted(parent.glob("*"), key=_modified, reverse=True)
    plain = json.loads(json.dumps(wanted))
    for folder in folders:
        if (folder / _METRICS).exists():
            continue
        try:
            arguments = json.loads((folder / _ARGUMENTS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue  # of a run that was damaged; it is nobody's to go on with
        if arguments == plain:
            return folder
    raise YoloFerError(
        f"{out or parent} holds no unfinished training with these arguments; train without `resume`"
    )


def _modified(path: Path) -> float:
    return path.stat().st_mtime


def _read(choice: TrainingChoice, on_message: Callable[[str], None]) -> dict[str, Crops]:
    """Return the crops of each split; those to be measured on have a class that is agreed on."""
    dropped: Counter[str] = Counter()
    splits = read_splits(choice.data_choice, dropped)
    train, read = splits["train"], sum(map(len, splits.values()))
    splits["train"] = train.chosen(train.targets.max(axis=1) > choice.architecture.least_share)
    dropped["no_clear_label"] = len(train) - len(splits["train"])
    for split in ("val", "test"):
        splits[split] = splits[split].labelled()
    dropped["no_majority"] = read - dropped["no_clear_label"] - sum(map(len, splits.values()))
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


def _describe(epoch: Epoch, epochs: int) -> str:
    return (
        f"epoch {epoch.epoch}/{epochs}: training loss {epoch.train_loss:.3f}, validation loss "
        f"{epoch.val_loss:.3f}, accuracy {100 * epoch.val_accuracy:.1f} %"
    )


def _report(
    choice: TrainingChoice,
    splits: Mapping[str, Crops],
    history: Sequence[Epoch],
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
    on_message(summarise(measured))
    title = f"{choice.architecture.title} on {choice.data.name}"
    draw_curves(history, title, folder / "curves.png")
    last = "test" if "test" in measured else "val"
    draw_scores(measured[last], f"{title} ({last})", folder / "confusion.png")
    write_json(
        folder / _METRICS,
        {
            "weights_sha256": classifier.weights_sha256,
            "epochs": len(history),
            **{split: scores.to_json() for split, scores in measured.items()},
        },
    )
