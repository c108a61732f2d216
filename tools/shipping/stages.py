"""The trainings that lead to the shipped network: of a classifier of crops, and of the detector.

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

from tools.shipping.answers import measure_naming, relabel, relabel_photographs
from tools.shipping.checkpoint import save_checkpoint
from tools.shipping.crop_classifier import CropClassifier, crop_loss
from tools.shipping.crop_views import CropBatches, as_input
from tools.shipping.detecting import measure_detecting
from tools.shipping.face_features import FaceFeatures
from tools.shipping.face_loss import FaceLoss
from tools.shipping.loop import train
from tools.shipping.materials import Pictures
from tools.shipping.network import NamingDetector, network_from, seeing_grey, whole_network
from tools.shipping.pictures import Picture
from tools.shipping.plan import IMGSZ, Job
from tools.shipping.source_bias import SourceBias
from tools.shipping.step_log import log_step
from tools.shipping.teaching import Teacher, listening
from tools.shipping.views import ViewBatches
from yolo_fer.errors import UsageError
from yolo_fer.files import write_atomically
from yolo_fer.results import Predictor
from yolo_fer.train.device import precision
from yolo_fer.weights.hashes import sha256_of

_MEASURED = 300  # validation pictures of a source, at most


def train_classifier(job: Job, features: Path) -> CropClassifier:
    """Train a network of face recognition to name faces on crops, in the job's folder `crops`.

    Args:
        job: with the pictures to learn from.
        features: the ONNX network of face recognition.

    Raises:
        UsageError: if the folder holds a training by another plan or from another start.
        YoloFerError: if the features are no such network.
    """
    folder = job.work / "crops"
    _check_recipe(folder, job, features=features)
    torch.manual_seed(job.plan.seed)
    batches = CropBatches(job.pictures, job.plan.seed)
    learned = FaceFeatures.from_onnx(features)
    learned.put_norms_back(as_input(batches[0].pixels, "cpu"))
    network = CropClassifier(learned).to(job.on.device, memory_format=torch.channels_last)

    def measure(average: Any, source: Sequence[Picture]) -> dict[str, float]:
        return asdict(measure_naming(average, source))

    average: CropClassifier = train(
        network,
        batches,
        crop_loss,
        network.groups(),
        job.plan.crops,
        folder,
        workers=job.on.workers,
        on_saving=_reporter(job, folder, measure),
        progress=job.on.progress,
    )
    return average


def label(classifier: CropClassifier | None, job: Job, detector: Predictor) -> Job:
    """Return the job with what the classifier says mixed into the labels of its pictures.

    The labels stay in `labels.npy` of its folder, for a training that goes on. A detector has a say
    in those of ExpW; without a classifier it has all the say in those of photographs.

    Raises:
        UsageError: if that file belongs to other pictures.
    """
    path = job.work / "labels.npy"
    if path.exists():
        return replace(job, pictures=_with_targets(job.pictures, np.load(path), path))
    path.parent.mkdir(parents=True, exist_ok=True)
    if classifier is None:
        named = relabel_photographs(job.pictures, detector, job.on.progress)
    else:
        named = relabel(classifier, job.pictures, detector, job.on.progress)
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


def train_detector(bias: SourceBias, job: Job) -> Path:
    """Train the detector on composed images, in the job's folder `images`.

    Args:
        bias: the datasets' biases to start from.
        job: all else, each face with a label if one is known.

    Returns:
        The checkpoint of the trained network, in half precision.

    Raises:
        UsageError: if the folder holds a training by another plan or from another start.
        YoloFerError: if the start is no YOLO11n, yolo-fer-n or network of ours.
    """
    plan, device, folder = job.plan, job.on.device, job.work / "images"
    _check_recipe(folder, job)
    torch.manual_seed(plan.seed)
    network = NamingDetector(network_from(job.start), bias)
    network = network.to(device, memory_format=torch.channels_last)
    loss = FaceLoss(network.model, network.bias, plan.naming)
    kept = whole_network(job.kept).fuse(verbose=False)
    teacher = Teacher(kept.to(device, memory_format=torch.channels_last))

    def loss_of(trainee: Any, batch: Any) -> tuple[torch.Tensor, Mapping[str, torch.Tensor]]:
        pixels, truth = batch
        images = as_input(pixels, device)
        with precision(device):
            with listening(trainee.model) as layers:
                predictions = trainee.model(images)
            said = teacher(images)
        learned, parts = loss(predictions, truth.to(device))
        distance, more = said.distance(predictions, layers)
        return learned + distance, {**parts, **more}

    def measure(average: Any, source: Sequence[Picture]) -> dict[str, float]:
        return asdict(measure_detecting(average.model, source, IMGSZ))

    average = train(
        network,
        ViewBatches(job.pictures, plan.stages, plan.images.steps, plan.seed),
        loss_of,
        network.groups(),
        plan.images,
        folder,
        workers=job.on.workers,
        on_saving=_reporter(job, folder, measure),
        progress=job.on.progress,
    )
    trained = folder / "trained.pt"
    save_checkpoint(seeing_grey(average.model), trained, IMGSZ, {})
    return trained


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


def _check_recipe(folder: Path, job: Job, **more: Path) -> None:
    """Note what decides the result of a training, or make sure that it is what was noted.

    Args:
        folder: of the training.
        job: whose plan, start and kept detector are noted.
        more: files that it starts from, too.

    Raises:
        UsageError: if the folder holds a training by another plan or from another start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "recipe.json"
    files = {"start": job.start, "kept": job.kept, **more}
    hashes = {f"{name}_sha256": sha256_of(file) for name, file in files.items()}
    recipe = {"plan": asdict(job.plan), **hashes}
    text = json.dumps(recipe, indent=1)
    if not path.exists():
        write_atomically(path, text.encode())
    elif json.loads(path.read_text(encoding="utf-8")) != json.loads(text):
        raise UsageError(
            f"{folder} holds a training with other settings or another start (see {path.name}); "
            "give another --work, or remove that folder"
        )
