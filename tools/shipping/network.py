"""The network of the detector: with weights to start from, what of it is trained, seeing grey.

Imported only after `import_ultralytics`.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from yolo_fer.train.detector.starting_weights import OWN_NETWORK
from yolo_fer.train.optimising import Group

SHARED_LAYERS = (*range(11), 13)
"""The layers that it shares with YOLO11n, which have the same places in both."""
_OLD_RATE = 0.5  # of the schedule's, for the shared layers, which have learned already


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
        bins = self.model.model[-1].dfl.conv.weight  # a constant, not a weight
        old: list[nn.Parameter] = []
        rest: list[nn.Parameter] = []
        for name, parameter in self.model.named_parameters():
            layer = int(name.split(".")[1])
            parameter.requires_grad_(parameter is not bins)
            if parameter is not bins:
                (old if layer in SHARED_LAYERS else rest).append(parameter)
        return [Group(old, _OLD_RATE), Group(rest), Group(list(self.bias.parameters()), 3.0)]


def new_network(description: Any = str(OWN_NETWORK)) -> Any:
    """Return a network of seven emotions, untrained: ours, or one that a checkpoint describes."""
    network = DetectionModel(description, nc=len(EMOTION_NAMES), verbose=False)
    network.args = get_cfg()  # read by Ultralytics' loss
    network.names = dict(enumerate(EMOTION_NAMES))
    return network


def network_from(checkpoint: Path) -> Any:
    """Return our network, with what it has in common with that of a checkpoint.

    Raises:
        YoloFerError: if the checkpoint is neither of our network nor of one that has the shared
            layers, as YOLO11n has.
    """
    given, network = _network_of(checkpoint), new_network()
    weights, own = given.state_dict(), network.state_dict()
    if _shapes(weights) == _shapes(own):
        _check_emotions(given, checkpoint)
        network.load_state_dict(weights)
        return network
    shared = {name: own[name] for name in own if int(name.split(".")[1]) in SHARED_LAYERS}
    theirs = {name: weights[name] for name in shared if name in weights}
    if _shapes(theirs) != _shapes(shared):
        raise YoloFerError(f"{checkpoint} is no YOLO11n; give one, such as yolo11n-affect8")
    network.load_state_dict({**own, **theirs})
    return network


def whole_network(checkpoint: Path) -> Any:
    """Return the network of a checkpoint of seven emotions, whatever its layers are.

    Raises:
        YoloFerError: if the checkpoint holds no detector of the seven emotions in our order.
    """
    return _of_emotions(_network_of(checkpoint), checkpoint)


def seeing_grey(network: Any) -> Any:
    """Return a copy that makes of a colour image exactly what the network makes of its grey.

    The network was trained on three equal channels, so that the sum of a first layer's weights
    over the channels is what counts; dealt out by the weights of a grey value it costs nothing.
    """
    grey = deepcopy(network).float().eval().cpu()
    first = grey.model[0].conv.weight.data
    first.copy_(first.sum(1, keepdim=True) * torch.tensor(GREY).flip(0)[None, :, None, None])
    return grey


def _network_of(checkpoint: Path) -> Any:
    """Return the network of a checkpoint in single precision.

    Raises:
        YoloFerError: if there is none.
    """
    loaded = load_checkpoint(checkpoint)
    given = loaded.get("ema") or loaded.get("model")
    if given is None:
        raise YoloFerError(f"{checkpoint} holds no network; give a YOLO11n")
    return given.float()


def _of_emotions(given: Any, checkpoint: Path) -> Any:
    """Build the network of a checkpoint again, with its weights, and return it.

    Raises:
        YoloFerError: if it does not detect the seven emotions in our order.
    """
    _check_emotions(given, checkpoint)
    network = new_network(given.yaml)
    network.load_state_dict(given.state_dict())
    return network


def _check_emotions(given: Any, checkpoint: Path) -> None:
    if not _detects_emotions(given):
        raise YoloFerError(
            f"{checkpoint} is no detector of {', '.join(EMOTION_NAMES)}, in this order"
        )


def _detects_emotions(given: Any) -> bool:
    """Return whether the classes of a network are the seven emotions in our order."""
    return list(given.names.values()) == list(EMOTION_NAMES)


def _shapes(weights: Mapping[str, torch.Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(values.shape) for name, values in weights.items()}
