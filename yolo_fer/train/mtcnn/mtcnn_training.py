"""The whole training of MTCNN with an expression head: from two datasets to one ONNX file.

The three networks are first trained to find faces in photographs. The cascade that they make boxes
the faces of FER2013, which come without boxes, and then each network is trained once more on both,
now with the expression. Within each of these two phases P-Net, R-Net and O-Net follow in this
order, each on the windows that the ones before it let through.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from yolo_fer.boxes import Boxes
from yolo_fer.convert.crop_set import Crops
from yolo_fer.convert.labelled_crops import describe_dropped, warn_of_absent
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.errors import YoloFerError
from yolo_fer.evaluate.run_folder import run_folder
from yolo_fer.faces.mtcnn.cascade import DEFAULT_THRESHOLDS, Cascade, Windows
from yolo_fer.faces.mtcnn.geometry import OUTPUT_SIDE, PROPOSAL_SIDE, REFINE_SIDE, squares
from yolo_fer.faces.mtcnn.mtcnn_finder import PARTS
from yolo_fer.faces.mtcnn.networks import ONet, PNet, RNet, export_cascade, load_facenet
from yolo_fer.images import Image, write_json
from yolo_fer.train.classifier.run import find_unfinished, pick_device
from yolo_fer.train.mtcnn.bank import Bank, cut
from yolo_fer.train.mtcnn.cascade_report import write_report
from yolo_fer.train.mtcnn.mining import bank_of_crops, mine
from yolo_fer.train.mtcnn.stage import (
    StageEpoch,
    StageSchedule,
    StageTrainer,
    Validation,
    load_finished,
)
from yolo_fer.train.mtcnn.thresholds import FLOOR, choose_threshold
from yolo_fer.train.mtcnn.training_images import (
    Photograph,
    annotate,
    filled,
    read_fer,
    read_photographs,
)
from yolo_fer.weights import store as weights

PARENT = Path("runs/mtcnn")
_ARGUMENTS, _BOXES = "args.json", "fer2013_boxes.npz"
_NAMES = ("pnet", "rnet", "onet")
_SIDES = (PROPOSAL_SIDE, REFINE_SIDE, OUTPUT_SIDE)
_SPLITS = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class MtcnnChoice:
    """What the cascade is trained on, and how; it decides the result.

    Args:
        photographs: folder that `yolo-fer convert` wrote.
        fer2013: FER2013's CSV file, also compressed.
        ferplus: FER+'s votes, in place of FER2013's labels.
        pretrain_epochs: the number of epochs of each network, on photographs alone; 0 takes the
            weights as they come.
        schedule: the schedule of each network's joint training.
    """

    photographs: Path
    fer2013: Path
    ferplus: Path | None
    pretrain_epochs: int
    schedule: StageSchedule

    def to_json(self) -> dict[str, Any]:
        """Return it as it stands in args.json, with absolute paths."""
        paths = {
            "photographs": str(self.photographs.resolve()),
            "fer2013": str(self.fer2013.resolve()),
            "ferplus": str(self.ferplus.resolve()) if self.ferplus else None,
        }
        return {**asdict(self), **paths}


@dataclass(slots=True)
class _Run:
    """What all parts of one training share."""

    choice: MtcnnChoice
    folder: Path
    device: torch.device
    on_message: Callable[[str], None]
    networks: tuple[PNet, RNet, ONet]
    photographs: list[Photograph]
    held_out: list[Photograph]  # decide on the thresholds
    fer: dict[str, Crops]
    thresholds: list[float] = field(default_factory=lambda: [*DEFAULT_THRESHOLDS])

    @property
    def weights(self) -> Path:
        return self.folder / "weights"

    def cascade(self) -> Cascade:
        """Return the networks as they are now."""
        path = self.weights / "working.onnx"
        export_cascade(_on_cpu(self.networks), path, thresholds=self.thresholds)
        return Cascade(path, threads=torch.get_num_threads())

    def find_by(self, place: int) -> Callable[[Image], Windows]:
        """Return what finds the windows that P-Net or R-Net, 0 or 1, lets through."""
        cascade = self.cascade()
        if place == 0:
            return cascade.propose
        return lambda image: cascade.refine(image, cascade.propose(image).boxes)


def train_mtcnn(
    choice: MtcnnChoice,
    *,
    out: Path | None = None,
    resume: bool = False,
    device: str = "auto",
    on_message: Callable[[str], None] = lambda message: None,
) -> Path:
    """Train MTCNN with an expression head.

    Args:
        choice: the choice of data and schedule.
        out: the run folder; by default runs/mtcnn/train, train2, ….
        resume: go on with the newest unfinished run of the same choice, or with that in `out`.
        device: `auto`, `cpu`, `cuda` or `cuda:N`.
        on_message: told how the training goes.

    Returns:
        The run folder, with args.json, metrics.json, curves.png, confusion.png, the checkpoints and
        epochs of each network in weights/ and the whole cascade as weights/best.onnx.

    Raises:
        UsageError: for arguments that contradict.
        YoloFerError: if data or weights cannot be used, or there is nothing to go on with.
    """
    where = pick_device(device)
    starts = [weights.resolve(part) for part in PARTS]
    unfinished = find_unfinished(choice.to_json(), out, PARENT) if resume else None
    left_out: Counter[str] = Counter()
    photographs, held_out = (read_photographs(choice.photographs, s) for s in ("train", "val"))
    fer = read_fer(choice.fer2013, choice.ferplus, left_out)
    on_message(
        f"{sum(len(p.boxes) for p in photographs)} faces on {len(photographs)} photographs; "
        + ", ".join(f"{split}: {len(fer[split])} faces" for split in _SPLITS)
        + (f"; left out of the file: {describe_dropped(left_out)}" if +left_out else "")
    )
    for split in ("train", "val"):
        if not len(fer[split]):
            raise YoloFerError(f"{choice.fer2013}: no face is left for {split}")
    warn_of_absent(choice.fer2013, fer)
    torch.manual_seed(choice.schedule.seed)  # of the expression heads, which no file has
    networks = PNet(), RNet(), ONet()
    for network, path in zip(networks, starts, strict=True):
        load_facenet(network, path)
    with run_folder(unfinished or out, PARENT, "train", resume=unfinished is not None) as folder:
        (folder / "weights").mkdir(exist_ok=True)
        write_json(folder / _ARGUMENTS, choice.to_json())
        run = _Run(choice, folder, where, on_message, networks, photographs, held_out, fer)
        _train(run)
    return folder


def _train(run: _Run) -> None:
    choice = run.choice
    if choice.pretrain_epochs:
        schedule = replace(choice.schedule, epochs=choice.pretrain_epochs, emotion=0.0)
        _train_phase(run, "pretrain", schedule, {})
    boxes = _annotate(run)
    _train_phase(run, "joint", choice.schedule, boxes)
    best = run.weights / "best.onnx"
    export_cascade(_on_cpu(run.networks), best, EMOTION_NAMES, run.thresholds)
    (run.weights / "working.onnx").unlink(missing_ok=True)
    checkpoints = {name: _checkpoint(run, "joint", name) for name in _NAMES}
    write_report(Cascade(best), checkpoints, run.fer, run.folder, run.on_message)


def _annotate(run: _Run) -> dict[str, NDArray[np.float64]]:
    """Return the boxes of FER2013's faces, by split; kept, since it takes minutes."""
    path = run.folder / _BOXES
    if not path.exists():
        run.on_message("boxing the faces of FER2013")
        cascade = run.cascade()
        train, val, test = (annotate(cascade, run.fer[split]) for split in _SPLITS)
        temporary = path.with_name(f".{path.name}")
        np.savez_compressed(temporary, train=train, val=val, test=test)
        temporary.replace(path)
    with np.load(path) as stored:
        boxes = {split: stored[split] for split in _SPLITS}
    if any(len(boxes[split]) != len(run.fer[split]) for split in _SPLITS):
        raise YoloFerError(
            f"the training in {run.folder} began on other faces than {run.choice.fer2013} has now; "
            "train without `resume`"
        )
    missed = sum(int(np.isnan(b[:, 0]).sum()) for b in boxes.values())
    run.on_message(f"{missed} of {sum(map(len, boxes.values()))} were not found: the usual box")
    return {s: filled(b, run.fer[s].pixels.shape[-1]) for s, b in boxes.items()}


def _train_phase(
    run: _Run, phase: str, schedule: StageSchedule, boxes: Mapping[str, NDArray[np.float64]]
) -> None:
    """Train P-Net, R-Net and O-Net; `boxes` are FER2013's, none while pre-training."""
    for place, name in enumerate(_NAMES):
        network, path = run.networks[place], _checkpoint(run, phase, name)
        if load_finished(network, path):
            _set_threshold(run, place)
            continue
        run.on_message(f"{phase}, {name}: looking for windows")
        bank = _bank(run, place, boxes)
        run.on_message(
            f"{phase}, {name}: {len(bank.faces)} faces, {len(bank.background)} of background"
        )
        trainer = StageTrainer(
            network=network,
            bank=bank,
            validation=_validation(run.fer["val"], boxes.get("val"), _SIDES[place]),
            schedule=schedule,
            device=run.device,
            path=path,
        )
        trainer.run(
            lambda epoch, name=name: run.on_message(  # type: ignore[misc]
                f"{phase}, {name}: {_describe(epoch, schedule)}"
            )
        )
        _set_threshold(run, place)


def _set_threshold(run: _Run, place: int) -> None:
    """Choose the threshold of a network that has just been trained; O-Net's is the user's."""
    if place == len(run.thresholds):
        return
    run.thresholds[place] = FLOOR
    most = DEFAULT_THRESHOLDS[place]
    chosen = choose_threshold(run.held_out, run.find_by(place), most)
    run.thresholds[place] = chosen
    run.on_message(f"{_NAMES[place]} lets through what it gives {chosen:.3f} or more")


def _bank(run: _Run, place: int, boxes: Mapping[str, NDArray[np.float64]]) -> Bank:
    # P-Net has no network before it: its negatives are hard for itself, as it starts.
    scored = run.find_by(max(0, place - 1))

    def find(image: Image) -> Boxes:
        return scored(image).boxes

    random = np.random.default_rng((run.choice.schedule.seed, place))
    left_out: Counter[str] = Counter()
    bank = mine(run.photographs, find, _SIDES[place], random, left_out)
    if left_out:
        run.on_message(f"photographs left out: {describe_dropped(left_out)}")
    if not (len(bank.faces) and len(bank.background)):
        raise YoloFerError(
            f"{run.choice.photographs}: {len(bank.faces)} windows of faces and "
            f"{len(bank.background)} of background are too few to train {_NAMES[place]}"
        )
    if not boxes:
        return bank
    crops = bank_of_crops(run.fer["train"], boxes["train"], find if place else None)
    return replace(bank, faces=[*bank.faces, *crops])


def _validation(crops: Crops, boxes: NDArray[np.float64] | None, side: int) -> Validation:
    where = filled(np.full((len(crops), 4), np.nan), crops.pixels.shape[-1])
    windows = squares(where if boxes is None else boxes)
    seen = [cut(crops.pixels[i, 0], windows[i : i + 1], side) for i in range(len(crops))]
    return Validation(np.array(seen, np.uint8), crops.targets, crops.labels)


def _describe(epoch: StageEpoch, schedule: StageSchedule) -> str:
    losses = f"loss of detection {epoch.detection_loss:.3f}, of box {epoch.box_loss:.3f}"
    if schedule.emotion:
        losses += (
            f", of emotion {epoch.emotion_loss:.3f}, in validation {epoch.val_loss:.3f}, "
            f"accuracy {100 * epoch.val_accuracy:.1f} %"
        )
    return f"epoch {epoch.epoch}/{schedule.epochs}: {losses}"


def _checkpoint(run: _Run, phase: str, name: str) -> Path:
    return run.weights / f"{phase}-{name}.pt"


def _on_cpu(networks: tuple[PNet, RNet, ONet]) -> tuple[PNet, RNet, ONet]:
    for network in networks:
        network.cpu()
    return networks
