"""The network: YOLO11n that sees grey, from the weights that it starts with to a checkpoint."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor
from ultralytics.cfg import get_cfg
from ultralytics.nn.tasks import DetectionModel

from tools.shipping.pictures import GREY
from yolo_fer.detector.torch_network import load_checkpoint
from yolo_fer.emotions import EMOTION_NAMES, match_class_names
from yolo_fer.errors import YoloFerError

_of_class_branch = re.compile(r"model\.23\.cv3\.").match
_names_classes = re.compile(r"model\.23\.cv3\.\d\.2\.(weight|bias)").fullmatch


def start_network(checkpoint: Path) -> Any:
    """Return a YOLO11n of seven emotions with all weights of a checkpoint that fit.

    The last layer of a head for other emotions, or the same in another order, is taken by name.

    Raises:
        YoloFerError: if the checkpoint is not one of YOLO11n.
    """
    loaded = load_checkpoint(checkpoint)
    given = loaded.get("ema") or loaded.get("model")
    if given is None:
        raise YoloFerError(f"{checkpoint} holds no network; give a YOLO11n such as yolo11n-affect8")
    given = given.float()
    network = DetectionModel("yolo11n.yaml", nc=len(EMOTION_NAMES), verbose=False)
    network.args = get_cfg()  # read by Ultralytics' loss
    network.names = dict(enumerate(EMOTION_NAMES))
    rows = _rows_of_emotions(given.names)
    own, theirs = network.state_dict(), given.state_dict()
    for name, values in theirs.items():
        if name not in own:
            continue
        if rows is not None and _names_classes(name):
            values = values[rows]
        if own[name].shape == values.shape:
            own[name] = values
    if not all(
        _of_class_branch(name) or (name in theirs and torch.equal(values, theirs[name]))
        for name, values in own.items()
    ):
        raise YoloFerError(f"{checkpoint} is no YOLO11n; give one, such as yolo11n-affect8")
    network.load_state_dict(own)
    return network


def _rows_of_emotions(names: Mapping[int, str]) -> list[int] | None:
    """Return which class of a checkpoint is which emotion, None if it lacks one."""
    try:
        classes, _ = match_class_names(names)
    except YoloFerError:  # a checkpoint for other things than emotions
        return None
    rows = {emotion: row for row, emotion in classes.items()}
    return [rows[emotion] for emotion in sorted(rows)] if len(rows) == len(EMOTION_NAMES) else None


def as_input(pixels: Sequence[NDArray[Any]]) -> Tensor:
    """Return (B, 3, S, S) 0 to 1, channels last, of grey pictures (S, S) uint8."""
    batch = torch.stack([torch.from_numpy(grey) for grey in pixels])
    batch = batch[:, None].expand(-1, 3, -1, -1).float() / 255
    return batch.contiguous(memory_format=torch.channels_last)


def seeing_grey(network: Any) -> Any:
    """Return a copy that makes of a colour image exactly what the network makes of its grey.

    The network was trained on three equal channels, so that the sum of its first layer's weights
    over the channels is what counts; dealt out by the weights of a grey value it costs nothing.
    """
    grey = deepcopy(network).float().eval()
    first = grey.model[0].conv.weight.data
    blue_green_red = torch.tensor(GREY)
    first.copy_(first.sum(1, keepdim=True) * blue_green_red.flip(0)[None, :, None, None])
    return grey
