"""The detector: our network with a trained backbone in it, seeing grey.

Imported only after `import_ultralytics`.
"""

from __future__ import annotations

from collections.abc import Collection
from copy import copy, deepcopy
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

TWO_SIZES = Path(__file__).with_name("two_sizes.yaml")
"""The network that is trained, as Ultralytics describes networks."""
FULL_SIZE = {0: 1, 1: 2} | {layer: layer for layer in (*range(4, 11), 13)}
"""Layers of YOLO11n, and where our network has them for the image at its full size."""
HALF_SIZE = {layer: layer + 19 for layer in range(11)}
"""The same for the image at half its size."""
BACKBONE_LAYERS = 11
"""YOLO11n's first layers, which are its backbone."""
BACKBONES = (
    *(own for layer, own in FULL_SIZE.items() if layer < BACKBONE_LAYERS),
    *HALF_SIZE.values(),
)
"""The layers of our network that are those of YOLO11n's backbone, at both sizes."""
_OLD_RATE = 0.5  # of the schedule's, for a backbone, which has learned already
_FIRST_LAYERS = (FULL_SIZE[0], HALF_SIZE[0])  # those that see the image
_HALF_MAPS = (6, 10)  # layers of YOLO11n at half the size that have a head
_HALF_HEADS = slice(3, 5)  # these heads among those of our network


class NamingDetector(nn.Module):  # type: ignore[misc]  # torch is not looked into
    """A detection model of Ultralytics and what is trained beside it.

    Args:
        model: the detection model.
        bias: of the datasets; dropped when the training ends.
        backbone: layers of the model that learn at half the rate.
    """

    def __init__(self, model: Any, bias: SourceBias, backbone: Collection[int] = BACKBONES) -> None:
        super().__init__()
        self.model, self.bias = model, bias
        self._backbone = frozenset(backbone)

    def groups(self) -> list[Group]:
        """Return what is trained, and how fast."""
        bins = self.model.model[-1].dfl.conv.weight  # a constant, not a weight
        old: list[nn.Parameter] = []
        rest: list[nn.Parameter] = []
        for name, parameter in self.model.named_parameters():
            layer = int(name.split(".")[1])
            parameter.requires_grad_(parameter is not bins)
            if parameter is not bins:
                (old if layer in self._backbone else rest).append(parameter)
        return [Group(old, _OLD_RATE), Group(rest), Group(list(self.bias.parameters()), 3.0)]


class HalfSizeDetector(nn.Module):  # type: ignore[misc]  # torch is not looked into
    """The part of our network that sees the image at half its size, as a detector of its own.

    It costs a quarter of the whole and finds faces from 24 of its own pixels.

    Args:
        whole: our network; the layers are shared with it.
    """

    def __init__(self, whole: Any) -> None:
        super().__init__()
        head = copy(whole.model[-1])
        head._modules = dict(head._modules)
        head.cv2, head.cv3 = head.cv2[_HALF_HEADS], head.cv3[_HALF_HEADS]
        head.nl, head.stride = len(_HALF_MAPS), head.stride[_HALF_HEADS] / 2
        self.model = nn.ModuleList([*(whole.model[own] for own in HALF_SIZE.values()), head])
        self.args, self.names = whole.args, whole.names

    def forward(self, pixels: torch.Tensor) -> Any:
        """Return what `Detect` does, of images (B, 3, S, S) of half the usual size."""
        *backbone, head = self.model
        maps = [pixels := layer(pixels) for layer in backbone]
        return head([maps[layer] for layer in _HALF_MAPS])


def new_network() -> Any:
    """Return the network of seven emotions, untrained."""
    network = DetectionModel(str(TWO_SIZES), nc=len(EMOTION_NAMES), verbose=False)
    network.args = get_cfg()  # read by Ultralytics' loss
    network.names = dict(enumerate(EMOTION_NAMES))
    return network


def backbone_of(checkpoint: Path) -> nn.Sequential:
    """Return layers 0 to 10 of a YOLO11n, or of our network those that have their place.

    Raises:
        YoloFerError: if the checkpoint holds another network.
    """
    theirs, own = (list(one.model) for one in (_network_of(checkpoint), new_network()))
    first = HALF_SIZE[0]
    wanted = _shapes(nn.Sequential(*own[first : first + BACKBONE_LAYERS]))
    for start in (first, 0):
        backbone = nn.Sequential(*theirs[start : start + BACKBONE_LAYERS])
        if _shapes(backbone) == wanted:
            return backbone.requires_grad_(True)
    raise YoloFerError(f"{checkpoint} is no YOLO11n; give one, such as yolo11n-affect8")


def with_backbone(backbone: nn.Sequential, neck: Path) -> Any:
    """Return a network with a trained backbone at both sizes, and a layer behind it of a YOLO11n.

    Raises:
        YoloFerError: if the checkpoint is not one of YOLO11n.
    """
    network = new_network()
    theirs = {layer: backbone[layer].state_dict() for layer in range(BACKBONE_LAYERS)}
    layers = _network_of(neck).model
    theirs[13] = layers[13].state_dict() if len(layers) > 13 else {}
    try:
        for places in (FULL_SIZE, HALF_SIZE):
            for layer, own in places.items():
                network.model[own].load_state_dict(theirs[layer])
    except RuntimeError as error:
        raise YoloFerError(f"{neck} is no YOLO11n; give one, such as yolo11n-affect8") from error
    return network


def put_half_size(network: Any, half: HalfSizeDetector) -> None:
    """Give our network what was trained as a detector of its own."""
    HalfSizeDetector(network).load_state_dict(half.state_dict())


def whole_network(checkpoint: Path) -> Any:
    """Return the network of a checkpoint of seven emotions, to train it on.

    Raises:
        YoloFerError: if the checkpoint holds no detector of the seven emotions in our order.
    """
    given = _network_of(checkpoint)
    if list(given.names.values()) != list(EMOTION_NAMES):
        raise YoloFerError(
            f"{checkpoint} is no detector of {', '.join(EMOTION_NAMES)}, in this order"
        )
    network = DetectionModel(given.yaml, nc=len(EMOTION_NAMES), verbose=False)
    network.load_state_dict(given.state_dict())
    network.args = get_cfg()  # read by Ultralytics' loss
    network.names = dict(enumerate(EMOTION_NAMES))
    return network


def seeing_grey(network: Any) -> Any:
    """Return a copy that makes of a colour image exactly what the network makes of its grey.

    The network was trained on three equal channels, so that the sum of a first layer's weights
    over the channels is what counts; dealt out by the weights of a grey value it costs nothing.
    """
    grey = deepcopy(network).float().eval().cpu()
    blue_green_red = torch.tensor(GREY)
    for layer in _FIRST_LAYERS:
        first = grey.model[layer].conv.weight.data
        first.copy_(first.sum(1, keepdim=True) * blue_green_red.flip(0)[None, :, None, None])
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


def _shapes(layers: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(values.shape) for name, values in layers.state_dict().items()}
