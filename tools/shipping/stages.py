"""The trainings that lead to the shipped network: crops of faces, half-size images, whole images.

Imported only after `import_ultralytics`.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
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
from tools.shipping.network import (
    BACKBONE_LAYERS,
    HalfSizeDetector,
    NamingDetector,
    put_half_size,
    seeing_grey,
    whole_network,
    with_backbone,
)
from tools.shipping.pictures import Picture
from tools.shipping.plan import IMGSZ, Job
from tools.shipping.source_bias import SourceBias
from tools.shipping.step_log import log_step
from tools.shipping.teaching import Teacher
from tools.shipping.views import HALF_SIZE, Stage, ViewBatches
from yolo_fer.errors import UsageError
from yolo_fer.images import write_atomically
from yolo_fer.results import Predictor
from yolo_fer.train.device import precision
from yolo_fer.weights.hashes import sha256_of

_MEASURED = 300  # validation pictures of a source, at most


def train_backbone(job: Job) -> CropClassifier:
    """Train YOLO11n's backbone to name faces on crops, in the job's folder `crops`.

    Raises:
        UsageError: if the folder holds a training by another plan or from another start.
        YoloFerError: if the start is no YOLO11n.
    """
    folder = job.work / "crops"
    _check_recipe(folder, job)
    torch.manual_seed(job.plan.seed)
    network = CropClassifier.from_checkpoint(job.start)
    network = network.to(job.on.device, memory_format=torch.channels_last)

    def measure(average: Any, source: Sequence[Picture]) -> dict[str, float]:
        return asdict(measure_naming(average, source))

    average: CropClassifier = train(
        network,
        CropBatches(job.pictures, job.plan.seed),
        crop_loss,
        network.groups(),
        job.plan.crops,
        folder,
        workers=job.on.workers,
        on_saving=_reporter(job, folder, measure),
        progress=job.on.progress,
    )
    return average


def label(classifier: CropClassifier | None, job: Job, detectors: Sequence[Predictor] = ()) -> Job:
    """Return the job with what the classifier says mixed into the labels of its pictures.

    The labels stay in `crops/labels.npy` of its folder, for a training that goes on. Detectors that
    were trained before have a say in those of ExpW, and the only one where there is no classifier.

    Raises:
        UsageError: if that file belongs to other pictures.
    """
    path = job.work / "crops" / "labels.npy"
    if path.exists():
        return replace(job, pictures=_with_targets(job.pictures, np.load(path), path))
    path.parent.mkdir(parents=True, exist_ok=True)
    classifiers = [] if classifier is None else [classifier]
    named = relabel(classifiers, job.pictures, job.on.progress, detectors)
    targets = [picture.targets for ones in named.values() for picture in ones]
    buffer = io.BytesIO()
    np.save(buffer, np.concatenate(targets))
    write_atomically(path, buffer.getvalue())
    return replace(job, pictures=named)


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


def first_network(classifier: CropClassifier | None, job: Job) -> Any:
    """Return the network that the trainings on images begin with.

    Args:
        classifier: the classifier whose backbone it gets, at both sizes; None to train the network
            of the start on.
        job: says where a YOLO11n lies, for a layer behind the backbone; without a classifier, our
            network.

    Raises:
        YoloFerError: if the start is no such network.
    """
    if classifier is None:
        return whole_network(job.start)
    return with_backbone(classifier.layers, job.start)


def train_half_size(network: Any, bias: SourceBias, job: Job) -> SourceBias:
    """Train the part of a network that sees images at half their size, on images of that size.

    Args:
        network: our network; that part of it is changed.
        bias: the datasets' biases to start from.
        job: all else, each face with a label if one is known; the training is in its folder `half`.

    Returns:
        The datasets' biases as they are in the end.

    Raises:
        UsageError: if the folder holds a training by another plan or from another start.
    """
    half = NamingDetector(HalfSizeDetector(network), bias, backbone=range(BACKBONE_LAYERS))
    average = _train_on_images(half, HALF_SIZE, job.plan.half, job, job.work / "half", IMGSZ // 2)
    put_half_size(network, average.model)
    trained: SourceBias = average.bias
    return trained


def train_detector(network: Any, bias: SourceBias, job: Job) -> Path:
    """Train the whole network on composed images.

    Args:
        network: our network.
        bias: the datasets' biases to start from.
        job: all else, each face with a label if one is known; the training and its result are in
            its folder `images`.

    Returns:
        The checkpoint of the trained network, in half precision.

    Raises:
        UsageError: if the folder holds a training by another plan or from another start.
    """
    plan, folder = job.plan, job.work / "images"
    teacher = Teacher(whole_network(job.start).to(job.on.device)) if plan.whole else None
    average = _train_on_images(
        NamingDetector(network, bias), plan.stages, plan.images, job, folder, IMGSZ, teacher
    )
    trained = folder / "trained.pt"
    save_checkpoint(seeing_grey(average.model), trained, IMGSZ, {})
    return trained


def _train_on_images(
    network: NamingDetector,
    stages: Sequence[Stage],
    schedule: Schedule,
    job: Job,
    folder: Path,
    size: int,
    teacher: Teacher | None = None,
) -> Any:
    """Return the averaged network after its training."""
    plan, device = job.plan, job.on.device
    _check_recipe(folder, job)
    torch.manual_seed(plan.seed)
    network = network.to(device, memory_format=torch.channels_last)
    loss = FaceLoss(network.model, network.bias, plan.naming)

    def loss_of(trainee: Any, batch: Any) -> tuple[torch.Tensor, Mapping[str, torch.Tensor]]:
        pixels, truth = batch
        images, truth = as_input(pixels, device), truth.to(device)
        with precision(device):
            predictions = trainee.model(images)
            said = None if teacher is None else teacher(images)
        if said is None:
            return loss(predictions, truth)
        total, parts = loss(predictions, said.named(truth))
        kept, more = said.distance(predictions)
        return total + kept, {**parts, **more}

    def measure(average: Any, source: Sequence[Picture]) -> dict[str, float]:
        return asdict(measure_detecting(average.model, source, size))

    return train(
        network,
        ViewBatches(job.pictures, stages, schedule.steps, plan.seed),
        loss_of,
        network.groups(),
        schedule,
        folder,
        workers=job.on.workers,
        on_saving=_reporter(job, folder, measure),
        progress=job.on.progress,
    )


def _reporter(
    job: Job, folder: Path, measure: Callable[[Any, Sequence[Picture]], Mapping[str, float]]
) -> Callable[[Any, int], None]:
    """Return what measures a network on every source when it is saved."""

    def report(network: Any, step: int) -> None:
        rows: dict[str, Mapping[str, float]] = {
            source: measure(network, evenly(pictures, _MEASURED))
            for source, pictures in job.validation.items()
            if pictures
        }
        names = list(next(iter(rows.values())))
        values = [[source, *(f"{row[name]:.6g}" for name in names)] for source, row in rows.items()]
        log_step(folder / "validation.csv", ["set", *names], step, values)
        figures = (f"{source} {100 * row['accuracy']:.1f} %" for source, row in rows.items())
        job.on.log(f"{folder.name}, step {step}: names right of {', '.join(figures)}")

    return report


def evenly(pictures: Sequence[Picture], most: int) -> Sequence[Picture]:
    """Return at most so many pictures from everywhere in a list, which may be in order of class."""
    return pictures[:: max(1, math.ceil(len(pictures) / most))]


def _check_recipe(folder: Path, job: Job) -> None:
    """Note what decides the result of a training, or make sure that it is what was noted.

    Raises:
        UsageError: if the folder holds a training by another plan or from another start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "recipe.json"
    recipe = {"plan": asdict(job.plan), "start_sha256": sha256_of(job.start)}
    text = json.dumps(recipe, indent=1)
    if not path.exists():
        write_atomically(path, text.encode())
    elif json.loads(path.read_text(encoding="utf-8")) != json.loads(text):
        raise UsageError(
            f"{folder} holds a training with other settings or another start (see {path.name}); "
            "give another --work, or remove that folder"
        )
