"""The trainings that lead to the shipped network: first crops of faces, then whole images.

Imported only after `import_ultralytics`.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tools.shipping.answers import measure_naming, relabel
from tools.shipping.checkpoint import save_checkpoint
from tools.shipping.crop_classifier import CropClassifier, crop_loss
from tools.shipping.crop_views import CropBatches, as_input
from tools.shipping.detecting import measure_detecting
from tools.shipping.face_loss import FaceLoss
from tools.shipping.loop import Schedule, train
from tools.shipping.materials import Pictures
from tools.shipping.network import NamingDetector, seeing_grey, whole_network, with_backbone
from tools.shipping.pictures import Picture
from tools.shipping.step_log import log_step
from tools.shipping.views import STAGES, STAGES_ON, Stage, ViewBatches
from yolo_fer.errors import UsageError
from yolo_fer.images import write_atomically
from yolo_fer.results import Predictor
from yolo_fer.runtime.executor import Progress, no_progress
from yolo_fer.train.device import precision
from yolo_fer.weights.hashes import sha256_of

IMGSZ = 384
"""Input size that the weights advise."""
CROPS = Schedule(steps=9000, rate=1e-3, decay=0.03, average=0.998, save_every=500)
IMAGES = Schedule(steps=10000, rate=1e-3, save_every=1000)
_MEASURED = 300  # validation pictures of a source, at most


@dataclass(frozen=True, slots=True)
class Plan:
    """Both trainings; weights/EXPERIMENTS.md says why.

    Args:
        crops: of the backbone as a classifier of crops.
        images: of the detector.
        naming: weight of naming expressions relative to finding faces.
        whole: whether the detector of the starting weights is trained on, instead of a new one with
            the classifier's backbone.
        stages: how images are composed, from the beginning to the end.
        seed: of all that is random.
    """

    crops: Schedule = CROPS
    images: Schedule = IMAGES
    naming: float = 8.0
    whole: bool = False
    stages: tuple[Stage, ...] = STAGES
    seed: int = 0

    def continued(self) -> Plan:
        """Return the plan of training a detector on that has learned to find and name faces."""
        crops = replace(self.crops, steps=500, rate=7e-4, save_every=250)
        images = replace(self.images, steps=5000, rate=8e-4, save_every=1000)
        return replace(self, crops=crops, images=images, stages=STAGES_ON, whole=True)

    def shortened(self, share: float) -> Plan:
        """Return the plan with a share of its steps, for a trial."""
        crops, images = (
            replace(schedule, steps=max(1, round(share * schedule.steps)))
            for schedule in (self.crops, self.images)
        )
        return replace(self, crops=crops, images=images)


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a training is computed; a training that goes on may be on another one.

    Args:
        device: of the network.
        workers: processes that make batches ahead; 0 makes them between the steps.
        log: is told what a person wants to know meanwhile.
        progress: shows how far it is.
    """

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    workers: int = 0
    log: Callable[[str], None] = lambda message: None
    progress: Progress[Any] = no_progress


def train_backbone(
    start: Path, pictures: Pictures, validation: Pictures, plan: Plan, folder: Path, on: Machine
) -> CropClassifier:
    """Train YOLO11n's backbone to name faces on crops.

    Args:
        start: checkpoint of a YOLO11n.
        pictures: to learn from, by source.
        validation: to measure on, by source.
        plan: how long, and how fast.
        folder: for its state, log.csv and validation.csv.
        on: the machine.

    Raises:
        UsageError: if the folder holds a training by another plan.
        YoloFerError: if the checkpoint is no YOLO11n.
    """
    _check_recipe(folder, {"plan": asdict(plan), "start_sha256": sha256_of(start)})
    torch.manual_seed(plan.seed)
    network = CropClassifier.from_checkpoint(start).to(on.device, memory_format=torch.channels_last)

    def measure(average: Any, source: Sequence[Picture]) -> dict[str, float]:
        return asdict(measure_naming(average, source))

    average: CropClassifier = train(
        network,
        CropBatches(pictures, plan.seed),
        crop_loss,
        network.groups(),
        plan.crops,
        folder,
        workers=on.workers,
        on_saving=_reporter("crops", validation, measure, folder, on.log),
        progress=on.progress,
    )
    return average


def label(
    classifier: CropClassifier,
    pictures: Pictures,
    folder: Path,
    on: Machine,
    detectors: Sequence[Predictor] = (),
) -> dict[str, list[Picture]]:
    """Return the pictures with what the classifier says mixed into their labels.

    The labels stay in `labels.npy` in the classifier's folder, for a training that goes on.
    Detectors that were trained before have a say in those of ExpW.

    Raises:
        UsageError: if that file belongs to other pictures.
    """
    path = folder / "labels.npy"
    if path.exists():
        return _with_targets(pictures, np.load(path), path)
    named = relabel([classifier], pictures, on.progress, detectors)
    targets = [picture.targets for ones in named.values() for picture in ones]
    buffer = io.BytesIO()
    np.save(buffer, np.concatenate(targets))
    write_atomically(path, buffer.getvalue())
    return named


def _with_targets(
    pictures: Pictures, targets: NDArray[np.float32], path: Path
) -> dict[str, list[Picture]]:
    counts = [len(picture.boxes) for ones in pictures.values() for picture in ones]
    if sum(counts) != len(targets):
        raise UsageError(f"{path} has labels of other pictures; remove it, to make new ones")
    each = iter(np.split(targets, np.cumsum(counts)[:-1]))
    return {
        source: [replace(picture, targets=next(each)) for picture in ones]
        for source, ones in pictures.items()
    }


def train_detector(
    classifier: CropClassifier,
    start: Path,
    pictures: Pictures,
    validation: Pictures,
    plan: Plan,
    folder: Path,
    on: Machine,
) -> Path:
    """Train the detector on composed images.

    Args:
        classifier: whose backbone and datasets' biases it starts from.
        start: checkpoint of a YOLO11n, for the layer behind the backbone; with `plan.whole`, of a
            detector that is trained on as it is, without the classifier's backbone.
        pictures: to learn from, by source, each face with a label.
        validation: to measure on, by source.
        plan: how long, and how fast.
        folder: for its state, log.csv, validation.csv and checkpoints.
        on: the machine.

    Returns:
        The checkpoint of the trained network, in half precision.

    Raises:
        UsageError: if the folder holds a training by another plan.
        YoloFerError: if the checkpoint is no such network.
    """
    _check_recipe(folder, {"plan": asdict(plan), "start_sha256": sha256_of(start)})
    trained = folder / "trained.pt"
    torch.manual_seed(plan.seed)
    model = whole_network(start) if plan.whole else with_backbone(classifier.layers, start)
    network = NamingDetector(model, classifier.bias)
    network = network.to(on.device, memory_format=torch.channels_last)
    loss = FaceLoss(network.model, network.bias, plan.naming)

    def loss_of(trainee: Any, batch: Any) -> tuple[torch.Tensor, Mapping[str, torch.Tensor]]:
        pixels, truth = batch
        with precision(on.device):
            predictions = trainee.model(as_input(pixels, on.device))
        parts: tuple[torch.Tensor, Mapping[str, torch.Tensor]]
        parts = loss(predictions, truth.to(on.device))
        return parts

    def measure(average: Any, source: Sequence[Picture]) -> dict[str, float]:
        return asdict(measure_detecting(average.model, source, IMGSZ))

    report = _reporter("images", validation, measure, folder, on.log)

    def on_saving(average: Any, step: int) -> None:
        save_checkpoint(seeing_grey(average.model), folder / "newest.pt", IMGSZ, {})
        report(average, step)

    average: Any = train(
        network,
        ViewBatches(pictures, plan.stages, plan.images.steps, plan.seed),
        loss_of,
        network.groups(),
        plan.images,
        folder,
        workers=on.workers,
        on_saving=on_saving,
        progress=on.progress,
    )
    save_checkpoint(seeing_grey(average.model), trained, IMGSZ, {})
    return trained


def _reporter(
    stage: str,
    validation: Pictures,
    measure: Callable[[Any, Sequence[Picture]], Mapping[str, float]],
    folder: Path,
    log: Callable[[str], None],
) -> Callable[[Any, int], None]:
    """Return what measures a network on every source when it is saved."""

    def report(network: Any, step: int) -> None:
        rows: dict[str, Mapping[str, float]] = {
            source: measure(network, evenly(pictures, _MEASURED))
            for source, pictures in validation.items()
            if pictures
        }
        names = list(next(iter(rows.values())))
        values = [[source, *(f"{row[name]:.6g}" for name in names)] for source, row in rows.items()]
        log_step(folder / "validation.csv", ["set", *names], step, values)
        figures = (f"{source} {100 * row['accuracy']:.1f} %" for source, row in rows.items())
        log(f"{stage}, step {step}: names right of {', '.join(figures)}")

    return report


def evenly(pictures: Sequence[Picture], most: int) -> Sequence[Picture]:
    """Return at most so many pictures from everywhere in a list, which may be in order of class."""
    return pictures[:: max(1, math.ceil(len(pictures) / most))]


def _check_recipe(folder: Path, recipe: Mapping[str, Any]) -> None:
    """Note what decides the result of a training, or make sure that it is what was noted.

    Raises:
        UsageError: if the folder holds a training by another plan.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "recipe.json"
    text = json.dumps(recipe, indent=1)
    if not path.exists():
        write_atomically(path, text.encode())
    elif json.loads(path.read_text(encoding="utf-8")) != json.loads(text):
        raise UsageError(
            f"{folder} holds a training with other settings or another start (see {path.name}); "
            "give another --work, or remove that folder"
        )
