"""What a trained classifier says of faces whose label is noisy or missing (Hinton et al. 2015)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tools.shipping.crop_views import CROP_SIZE, as_input, labelled, plain_crop
from tools.shipping.pictures import Picture
from yolo_fer.boxes import iou
from yolo_fer.emotions import Emotion
from yolo_fer.results import Predictor
from yolo_fer.runtime.executor import Progress, no_progress
from yolo_fer.train.device import precision

TRUST: Mapping[str, float] = {
    "expw": 0.5,
    "fer2013": 0.2,
    "ck48": 0.1,
    "rafdb": 0.2,
    "affectnet": 0.35,
    "sfew": 0.3,
}
"""The classifier's share in the labels of each source; the noisier these are the larger it is."""
_VIEWS = ((0.74, False), (0.86, True))  # share of the crop, mirrored
_BATCH = 64
_SAME = 0.4  # IoU of a detector's box and the face that it means


@dataclass(frozen=True, slots=True)
class Naming:
    """How labelled faces were named.

    Args:
        faces: how many.
        accuracy: share whose most probable emotion is that of the label.
        mean_accuracy: the same for each emotion alone, averaged over the emotions.
        cross_entropy: between label and answer, in nats; lower is better.
    """

    faces: int
    accuracy: float
    mean_accuracy: float
    cross_entropy: float


def answers(
    network: nn.Module, faces: Sequence[tuple[Picture, int]], size: int = CROP_SIZE
) -> Iterator[NDArray[np.float32]]:
    """Yield for each face (7,) how probable each emotion is, the mean of two views."""
    for start in range(0, len(faces), _BATCH):
        chunk = faces[start : start + _BATCH]
        answered = []
        for share, mirrored in _VIEWS:
            crops = [plain_crop(picture, row, size, share, mirrored) for picture, row in chunk]
            answered.append(_probabilities(network, torch.from_numpy(np.stack(crops))[:, None]))
        yield from np.mean(answered, axis=0)


@torch.no_grad()  # type: ignore[untyped-decorator]  # torch is not looked into
def _probabilities(network: Any, pixels: torch.Tensor) -> NDArray[np.float32]:
    device = next(network.parameters()).device
    network.eval()
    with precision(device):
        logits = network(as_input(pixels, device))
    return np.asarray(logits.float().softmax(-1).cpu().numpy(), np.float32)


def relabel(
    network: nn.Module,
    pictures: Mapping[str, Sequence[Picture]],
    detector: Predictor,
    progress: Progress[Any] = no_progress,
) -> dict[str, list[Picture]]:
    """Mix what a classifier says into the labels of pictures; a face without one gets its answer.

    Args:
        network: the classifier as trained, on grey crops.
        pictures: of each source.
        detector: has as much to say of ExpW's faces as the network, since it sees whole
            photographs, and has hardly learned ExpW's noisy labels by heart.
        progress: shows how far it is.

    Returns:
        The pictures with new targets, in order.
    """
    changed: dict[str, list[Picture]] = {}
    for source, ones in pictures.items():
        faces = [(picture, row) for picture in ones for row in range(len(picture.boxes))]
        said = iter(progress(answers(network, faces), f"naming {source}", len(faces)))
        changed[source] = []
        for picture in ones:
            opinions = np.array(list(islice(said, len(picture.boxes))), np.float32).reshape(-1, 7)
            if source == "expw":
                seen = in_photograph(detector, picture)
                opinions = np.where(np.isnan(seen), opinions, (opinions + seen) / 2)
            targets = _mixed(picture.targets, opinions, TRUST[source])
            changed[source].append(replace(picture, targets=targets))
    return changed


def relabel_photographs(
    pictures: Mapping[str, Sequence[Picture]],
    detector: Predictor,
    progress: Progress[Any] = no_progress,
) -> dict[str, list[Picture]]:
    """Mix what a detector says into the labels of photographs; crops stay as they are.

    A face without a label gets its answer; one that the detector does not find keeps what it has.

    Args:
        pictures: of each source.
        detector: as trained, on whole photographs.
        progress: shows how far it is.

    Returns:
        The pictures with new targets, in order.
    """
    changed: dict[str, list[Picture]] = {}
    for source, ones in pictures.items():
        changed[source] = []
        for picture in progress(ones, f"naming {source}", len(ones)):
            if picture.exact:
                opinions = in_photograph(detector, picture)
                mixed = _mixed(picture.targets, opinions, TRUST[source])
                targets = np.where(np.isnan(opinions), picture.targets, mixed)
                picture = replace(picture, targets=targets)
            changed[source].append(picture)
    return changed


def _mixed(
    targets: NDArray[np.float32], opinions: NDArray[np.float32], trust: float
) -> NDArray[np.float32]:
    known = np.isfinite(targets[:, :1])
    return np.where(known, trust * opinions + (1 - trust) * targets, opinions)


def in_photograph(detector: Predictor, picture: Picture) -> NDArray[np.float32]:
    """Return (N, 7) how probable a detector finds each emotion, NaN for faces it does not find."""
    (prediction,) = detector.predict([cv2.cvtColor(picture.pixels, cv2.COLOR_GRAY2BGR)])
    named = np.full((len(picture.boxes), len(Emotion)), np.nan, np.float32)
    if not prediction.faces or not len(picture.boxes):
        return named
    found = np.array([face.box for face in prediction.faces], np.float64)
    shared = iou(picture.boxes.astype(np.float64), found)
    for row in np.flatnonzero(shared.max(axis=1) >= _SAME):
        named[row] = prediction.faces[shared[row].argmax()].probabilities
    return named


def measure_naming(
    network: nn.Module, pictures: Sequence[Picture], size: int = CROP_SIZE
) -> Naming:
    """Name the faces of pictures whose expression is known.

    Raises:
        ValueError: if there are none.
    """
    faces = labelled(pictures)
    if not faces:
        raise ValueError("no picture has a face whose expression is known")
    targets = np.array([picture.targets[row] for picture, row in faces])
    return summarise(targets, np.array(list(answers(network, faces, size))))


def summarise(targets: NDArray[np.float32], said: NDArray[np.float32]) -> Naming:
    """Return how well (N, 7) answers agree with (N, 7) labels."""
    true, named = targets.argmax(axis=1), said.argmax(axis=1)
    each = [(named[true == e] == e).mean() for e in range(len(Emotion)) if (true == e).any()]
    losses = -(targets * np.log(np.maximum(said, 1e-6))).sum(axis=1)
    return Naming(len(true), (true == named).mean(), float(np.mean(each)), float(losses.mean()))
