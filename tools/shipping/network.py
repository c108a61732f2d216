"""The detector: our network with a trained backbone in it, seeing grey.

Imported only after `import_ultralytics`.
"""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import nn
from ultralytics.cfg import get_cfg
from ultralytics.nn.tasks import DetectionModel

from tools.shipping.pictures import GREY
from tools.shipping.source_bias import SourceBias
from yolo_fer.detector.torch_network import load_checkpoint
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.errors import YoloFerError
from yolo_fer.train.optimising import Group
from yolo_fer.train.starting_weights import OWN_NETWORK

BACKBONE_LAYERS = 11
_SHARED_LAYERS = 14  # the first that are those of YOLO11n
_BACKBONE_RATE = 0.5  # of the schedule's: it has learned already


class NamingDetector(nn.Module):  # type: ignore[misc]  # torch is not looked into
    """A detection model of Ultralytics and what is trained beside it.

    Args:
        model: the detection model.
        bias: of the datasets; dropped when the training ends.
    """

    def __init__(self, model: Any, bias: SourceBias) -> None:
        super().__init__()
        self.model, self.bias = model, bias

    def groups(self) -> list[Group]:
        """Return what is trained, and how fast."""
        fixed = self.model.model[-1].dfl.conv.weight  # a constant, not a weight
        backbone: list[nn.Parameter] = []
        rest: list[nn.Parameter] = []
        for name, parameter in self.model.named_parameters():
            layer = int(name.split(".")[1])
            parameter.requires_grad_(parameter is not fixed)
            if parameter.requires_grad:
                (backbone if layer < BACKBONE_LAYERS else rest).append(parameter)
        return [
            Group(backbone, _BACKBONE_RATE),
            Group(rest),
            Group(list(self.bias.parameters()), 3.0),
        ]


def new_network() -> Any:
    """Return the network of seven emotions that `train --model yolo-fer-n` trains, untrained."""
    network = DetectionModel(str(OWN_NETWORK), nc=len(EMOTION_NAMES), verbose=False)
    network.args = get_cfg()  # read by Ultralytics' loss
    network.names = dict(enumerate(EMOTION_NAMES))
    return network


def with_backbone(backbone: nn.Sequential, neck: Path) -> Any:
    """Return a network with a trained backbone, and the layer behind it from a YOLO11n.

    Raises:
        YoloFerError: if the checkpoint is not one of YOLO11n.
    """
    network = new_network()
    loaded = load_checkpoint(neck)
    given = loaded.get("ema") or loaded.get("model")
    theirs = given.float().state_dict() if given is not None else {}
    own = network.state_dict()
    for name, values in own.items():
        layer = int(name.split(".")[1])
        if BACKBONE_LAYERS <= layer < _SHARED_LAYERS:
            if name not in theirs or theirs[name].shape != values.shape:
                raise YoloFerError(f"{neck} is no YOLO11n; give one, such as yolo11n-affect8")
            own[name] = theirs[name]
    own |= {f"model.{name}": values for name, values in backbone.state_dict().items()}
    network.load_state_dict(own)
    return network


def whole_network(checkpoint: Path) -> Any:
    """Return the network of a checkpoint of seven emotions, to train it on.

    Raises:
        YoloFerError: if the checkpoint holds no detector of the seven emotions in our order.
    """
    loaded = load_checkpoint(checkpoint)
    given = loaded.get("ema") or loaded.get("model")
    if given is None or list(given.names.values()) != list(EMOTION_NAMES):
        raise YoloFerError(
            f"{checkpoint} is no detector of {', '.join(EMOTION_NAMES)}, in this order"
        )
    network = DetectionModel(given.yaml, nc=len(EMOTION_NAMES), verbose=False)
    network.load_state_dict(given.float().state_dict())
    network.args = get_cfg()  # read by Ultralytics' loss
    network.names = dict(enumerate(EMOTION_NAMES))
    return network


def seeing_grey(network: Any) -> Any:
    """Return a copy that makes of a colour image exactly what the network makes of its grey.

    The network was trained on three equal channels, so that the sum of its first layer's weights
    over the channels is what counts; dealt out by the weights of a grey value it costs nothing.
    """
    grey = deepcopy(network).float().eval().cpu()
    first = grey.model[0].conv.weight.data
    blue_green_red = torch.tensor(GREY)
    first.copy_(first.sum(1, keepdim=True) * blue_green_red.flip(0)[None, :, None, None])
    return grey
