"""The whole training of MTCNN with an expression head: from two datasets to one ONNX file.

The three networks are first trained to find faces in photographs. The cascade that they make boxes
the faces of FER2013, which come without boxes, and then each network is trained once more on both,
now with the expression. Within each of these two phases P-Net, R-Net and O-Net follow in this
order, each on the windows that the ones before it let through.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from yolo_fer.boxes import Boxes
from yolo_fer.crops.crop_set import Crops
from yolo_fer.crops.labelled_crops import describe_dropped, warn_of_absent
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.errors import YoloFerError
from yolo_fer.evaluate.run_folder import run_folder
from yolo_fer.faces.mtcnn.cascade import DEFAULT_THRESHOLDS, Cascade, Windows
from yolo_fer.faces.mtcnn.geometry import OUTPUT_SIDE, PROPOSAL_SIDE, REFINE_SIDE
from yolo_fer.faces.mtcnn.mtcnn_finder import PARTS
from yolo_fer.faces.mtcnn.networks import ONet, PNet, RNet, export_cascade, load_facenet
from yolo_fer.files import write_atomically, write_json
from yolo_fer.images import Image
from yolo_fer.train.device import pick_device
from yolo_fer.train.mtcnn.bank import Bank
from yolo_fer.train.mtcnn.cascade_report import report_cascade
from yolo_fer.train.mtcnn.mining import bank_of_crops, mine
from yolo_fer.train.mtcnn.stage import StageSchedule, cut_faces, train_stage
from yolo_fer.train.mtcnn.thresholds import FLOOR, choose_threshold
from yolo_fer.train.mtcnn.training_images import (
    Photograph,
    annotate,
    filled,
    read_fer,
    read_photographs,
)
from yolo_fer.train.training_files import Row, TrainingFiles
from yolo_fer.train.training_run import ARGUMENTS, arguments_of, find_unfinished
from yolo_fer.weights import store as weights

PARENT = Path("runs/mtcnn")
_NAMES = ("pnet", "rnet", "onet")
_SIDES = (PROPOSAL_SIDE, REFINE_SIDE, OUTPUT_SIDE)
_SPLITS = ("train", "val", "test")
_WORKING = "working"  # the file of the cascade that looks for windows meanwhile

FerBoxes: TypeAlias = dict[str, NDArray[np.float64]]
"""The boxes of FER2013's faces, by split."""


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
    arguments = arguments_of(choice)
    unfinished = find_unfinished(arguments, out, PARENT) if resume else None
    photographs, held_out, fer = _read(choice, on_message)
    torch.manual_seed(choice.schedule.seed)  # of the expression heads, which no file has
    networks = PNet(), RNet(), ONet()
    for network, path in zip(networks, starts, strict=True):
        load_facenet(network, path)
    with run_folder(unfinished or out, PARENT, "train", resume=unfinished is not None) as folder:
        (folder / "weights").mkdir(exist_ok=True)
        write_json(folder / ARGUMENTS, arguments)
        training = _Training(
            choice, photographs, held_out, fer, networks, folder, where, on_message
        )
        if choice.pretrain_epochs:
            schedule = replace(choice.schedule, epochs=choice.pretrain_epochs, emotion=0.0)
            training.run_phase("pretrain", schedule, None)
        logs = training.run_phase("joint", choice.schedule, training.box_fer())
        best = training.export("best", EMOTION_NAMES)
        (folder / "weights" / f"{_WORKING}.onnx").unlink(missing_ok=True)
        report_cascade(best, logs, fer, folder, on_message)
    return folder


def _read(
    choice: MtcnnChoice, on_message: Callable[[str], None]
) -> tuple[list[Photograph], list[Photograph], dict[str, Crops]]:
    """Return photographs to learn from and to decide on thresholds with, and FER2013 by split."""
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
    return photographs, held_out, fer


@dataclass(frozen=True, slots=True)
class _Training:
    """The parts of one training; each that was finished before a kill is only loaded."""

    choice: MtcnnChoice
    photographs: list[Photograph]
    held_out: list[Photograph]
    fer: dict[str, Crops]
    networks: tuple[PNet, RNet, ONet]
    folder: Path
    device: torch.device
    on_message: Callable[[str], None]
    thresholds: list[float] = field(default_factory=lambda: [*DEFAULT_THRESHOLDS])

    def export(self, name: str, emotions: Sequence[str] = ()) -> Cascade:
        """Write the networks as they are now to a file in weights/, and open it."""
        path = self.folder / "weights" / f"{name}.onnx"
        for network in self.networks:
            network.cpu()
        export_cascade(self.networks, path, emotions, self.thresholds)
        return Cascade(path, threads=torch.get_num_threads())

    def _finder(self, place: int) -> Callable[[Image], Windows]:
        """Return what finds the windows that P-Net or R-Net, 0 or 1, lets through now."""
        cascade = self.export(_WORKING)
        if place == 0:
            return cascade.propose
        return lambda image: cascade.refine(image, cascade.propose(image).boxes)

    def _set_threshold(self, place: int) -> None:
        """Choose what P-Net or R-Net, 0 or 1, lets through from now on."""
        self.thresholds[place] = FLOOR
        most = DEFAULT_THRESHOLDS[place]
        chosen = choose_threshold(self.held_out, self._finder(place), most)
        self.thresholds[place] = chosen
        self.on_message(f"{_NAMES[place]} lets through what it gives {chosen:.3f} or more")

    def run_phase(
        self, phase: str, schedule: StageSchedule, boxes: FerBoxes | None
    ) -> dict[str, list[Row]]:
        """Train P-Net, R-Net and O-Net, each on what those before it let through.

        Args:
            phase: its name.
            schedule: the schedule of each network.
            boxes: the boxes of FER2013's faces; None trains on photographs alone.

        Returns:
            The epochs of each network.
        """
        logs = {}
        for place, (name, network) in enumerate(zip(_NAMES, self.networks, strict=True)):
            stem = self.folder / "weights" / f"{phase}-{name}"
            last, log, best = (stem.with_suffix(end) for end in (".pt", ".csv", ".best.pt"))
            files = TrainingFiles(last, log, best)
            logs[name] = files.load_finished(network)
            if not logs[name]:
                logs[name] = self._train(place, f"{phase}, {name}", schedule, boxes, files)
            if place < len(self.thresholds):  # O-Net's is its user's
                self._set_threshold(place)
        return logs

    def _train(
        self,
        place: int,
        title: str,
        schedule: StageSchedule,
        boxes: FerBoxes | None,
        files: TrainingFiles,
    ) -> list[Row]:
        self.on_message(f"{title}: looking for windows")
        bank = self._bank(place, boxes)
        faces, background = len(bank.faces), len(bank.background)
        self.on_message(f"{title}: {faces} faces, {background} of background")
        return train_stage(
            self.networks[place],
            bank,
            cut_faces(self.fer["val"], boxes["val"] if boxes else None, bank.side),
            schedule,
            self.device,
            files,
            on_epoch=lambda epoch: self.on_message(f"{title}: {_describe(epoch, schedule)}"),
        )

    def _bank(self, place: int, boxes: FerBoxes | None) -> Bank:
        # P-Net has no network before it: its negatives are hard for itself, as it starts.
        found = self._finder(max(0, place - 1))
        random = np.random.default_rng((self.choice.schedule.seed, place))
        left_out: Counter[str] = Counter()

        def find(image: Image) -> Boxes:
            return found(image).boxes

        bank = mine(self.photographs, find, _SIDES[place], random, left_out)
        if left_out:
            self.on_message(f"photographs left out: {describe_dropped(left_out)}")
        if not (len(bank.faces) and len(bank.background)):
            raise YoloFerError(
                f"{self.choice.photographs}: {len(bank.faces)} windows of faces and "
                f"{len(bank.background)} of background are too few to train {_NAMES[place]}"
            )
        if boxes is None:
            return bank
        windows = find if place else None
        crops = bank_of_crops(self.fer["train"], boxes["train"], windows)
        return replace(bank, faces=[*bank.faces, *crops])

    def box_fer(self) -> FerBoxes:
        """Return the boxes of FER2013's faces; they are kept, since finding them takes minutes."""
        path, fer = self.folder / "fer2013_boxes.npz", self.fer
        if not path.exists():
            self.on_message("boxing the faces of FER2013")
            cascade = self.export(_WORKING)
            train, val, test = (annotate(cascade, fer[split]) for split in _SPLITS)
            data = io.BytesIO()
            np.savez_compressed(data, train=train, val=val, test=test)
            write_atomically(path, data.getvalue())
        with np.load(path) as stored:
            boxes = {split: stored[split] for split in _SPLITS}
        if any(len(boxes[split]) != len(crops) for split, crops in fer.items()):
            raise YoloFerError(
                f"the training in {self.folder} began on other faces than {self.choice.fer2013} "
                "has now; train without `resume`"
            )
        missed = sum(int(np.isnan(b[:, 0]).sum()) for b in boxes.values())
        self.on_message(
            f"{missed} of {sum(map(len, boxes.values()))} were not found: the usual box"
        )
        return {split: filled(b, fer[split].pixels.shape[-1]) for split, b in boxes.items()}


def _describe(epoch: Row, schedule: StageSchedule) -> str:
    losses = f"loss of detection {epoch['detection_loss']:.3f}, of box {epoch['box_loss']:.3f}"
    if schedule.emotion:
        losses += (
            f", of emotion {epoch['emotion_loss']:.3f}, in validation {epoch['val_loss']:.3f}, "
            f"accuracy {100 * epoch['val_accuracy']:.1f} %"
        )
    return f"epoch {epoch['epoch']}/{schedule.epochs}: {losses}"
