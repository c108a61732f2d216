"""Where a classifier's weights start from."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from yolo_fer.detector.checkpoint_file import read_checkpoint
from yolo_fer.errors import YoloFerError
from yolo_fer.train.classifier.architectures import Architecture
from yolo_fer.weights.store import State, get_entry, inspect, resolve

NONE = "none"


def find_start(architecture: Architecture, start: str | None) -> Path | None:
    """Return the file of the weights to start from, None for random ones.

    Args:
        architecture: the architecture of the network.
        start: a `.pt` or `.pth` file, a name of `yolo-fer weights list`, or `none`; None takes
            torchvision's ImageNet weights for the networks that have them.

    Raises:
        YoloFerError: if the weights are not here; the message says how to get them.
    """
    if start == NONE or (start is None and not architecture.starts_trained):
        return None
    if start is not None:
        return resolve(start)
    name = f"{architecture.name}-imagenet"
    inspection = inspect(get_entry(name))
    if inspection.state is not State.OK:
        raise YoloFerError(
            f"the ImageNet weights of {architecture.name} are not here. Fetch them with "
            f"`yolo-fer weights get {name}`, or give `start=FILE.pth`, or `start=none` for random "
            "ones"
        )
    return inspection.path


def _read(path: Path) -> Any:
    """Read a file of weights, running nothing that is in it."""
    if zipfile.is_zipfile(path):
        return read_checkpoint(path)
    # What torchvision trained before 2020 is in an older format, which only PyTorch reads.
    return torch.load(path, map_location="cpu", weights_only=True)


def load_start(network: nn.Module, path: Path, architecture: str) -> None:
    """Load weights into a network, all but those of its last layer, which depends on the classes.

    Args:
        network: the network of the architecture.
        path: a state dict, as torchvision writes it, or a checkpoint of yolo-fer, which holds one
            under `network`.
        architecture: its name, for messages.

    Raises:
        YoloFerError: if the file cannot be loaded in safe mode or is of another architecture.
    """
    try:
        state = _read(path)
    except Exception as error:  # an unpickler finds many kinds of fault
        raise YoloFerError(
            f"{path} is no file of plain PyTorch weights. Give a best.pt of `yolo-fer "
            "train-classifier` or a state dict of torchvision"
        ) from error
    found = state.get("network", state) if isinstance(state, Mapping) else None
    own = network.state_dict()
    if not isinstance(found, Mapping) or not all(isinstance(v, Tensor) for v in found.values()):
        raise YoloFerError(f"{path} holds no weights of {architecture}")
    fitting = {n: v for n, v in found.items() if n in own and v.shape == own[n].shape}
    last = list(own)[-2:]  # weight and bias
    missing = [name for name in own if name not in fitting and name not in last]
    if missing:
        raise YoloFerError(
            f"{path} holds another network than {architecture}: {len(missing)} of {len(own)} "
            f"weights do not fit, such as {missing[0]}. Give weights of {architecture}, or "
            "`start=none`"
        )
    network.load_state_dict({**own, **fitting})
