"""A network that tells people apart, from which one that names expressions is made.

Imported only after `import_ultralytics`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn.functional import pad, relu6

from yolo_fer.errors import YoloFerError

FEATURES = 1024
_BRIGHTEST = 255  # the network takes pixels from 0 to 255, ours are from 0 to 1
_FIRST = 32  # maps of the first layer
_STAGES = (
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1)),
    *((512, 2), *((512, 1),) * 5, (1024, 2), (FEATURES, 1)),
)  # of each pair of a depthwise and a pointwise convolution: maps, stride
_LEAST_DEVIATION = 1e-3  # of a map that is nearly always the same
_EPSILON = 1e-5


class _Unit(nn.Module):  # type: ignore[misc]  # torch is not looked into
    """A convolution, padded as TensorFlow pads images of even sides, a norm and ReLU6."""

    def __init__(self, old: int, new: int, kernel: int, stride: int, groups: int = 1) -> None:
        super().__init__()
        padding = kernel // 2 if stride == 1 else 0
        self.conv = nn.Conv2d(old, new, kernel, stride, padding, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(new, eps=_EPSILON, momentum=0.03)

    def convolved(self, maps: Tensor) -> Tensor:
        """Return what the convolution gives."""
        return self.conv(maps if self.conv.stride == (1, 1) else pad(maps, (0, 1, 0, 1)))

    def forward(self, maps: Tensor) -> Tensor:
        """Return maps from 0 to 6."""
        return relu6(self.norm(self.convolved(maps)))


class FaceFeatures(nn.Module):  # type: ignore[misc]  # torch is not looked into
    """MobileNet (Howard et al. 2017) as it was trained on VGGFace2 (Cao et al. 2018).

    What tells people apart is a good start for telling expressions apart (Savchenko 2021).
    """

    def __init__(self) -> None:
        super().__init__()
        layers, maps = [_Unit(3, _FIRST, 3, 2)], _FIRST
        for new, stride in _STAGES:
            layers += [_Unit(maps, maps, 3, stride, maps), _Unit(maps, new, 1, 1)]
            maps = new
        self.layers = nn.Sequential(*layers)

    @classmethod
    def from_onnx(cls, path: Path) -> FaceFeatures:
        """Read the weights from an ONNX file, in which the norms are part of the convolutions.

        Raises:
            YoloFerError: if the file is missing, damaged or holds another network.
        """
        network = cls()
        try:
            for unit, (kernel, shift) in zip(network.layers, _convolutions(path), strict=True):
                unit.conv.weight.data.copy_(torch.from_numpy(kernel))
                unit.norm.bias.data.copy_(torch.from_numpy(shift))
                unit.norm.running_var.fill_(1 - _EPSILON)  # so that it divides by 1
        except Exception as error:  # what onnx and protobuf raise has no common class
            raise YoloFerError(
                f"{path} holds no MobileNet with {FEATURES} features ({error}); give "
                "vggface2-mobilenet.onnx"
            ) from error
        return network

    @torch.no_grad()  # type: ignore[untyped-decorator]  # torch is not looked into
    def put_norms_back(self, images: Tensor) -> None:
        """Give every norm the mean and deviation of its maps in images; the features stay.

        A training with norms that divide by 1 is slow and breaks easily.

        Args:
            images: (B, 3, S, S), 0 to 1, as the network will see.
        """
        maps = _BRIGHTEST * images
        for unit in self.layers:
            convolved, norm = unit.convolved(maps), unit.norm
            mean = convolved.mean((0, 2, 3))
            deviation = convolved.std((0, 2, 3)).clamp(min=_LEAST_DEVIATION)
            unit.conv.weight /= deviation[:, None, None, None]
            norm.running_mean.copy_(mean / deviation)
            norm.weight.copy_(deviation)
            norm.bias += mean
            maps = unit(maps)

    def forward(self, images: Tensor) -> Tensor:
        """Return (B, 1024) features of images (B, 3, S, S), 0 to 1, of at least 96 pixels."""
        return self.layers(_BRIGHTEST * images).mean((2, 3))


def _convolutions(path: Path) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Yield kernel and shift of each convolution, with what multiplies and is added behind it."""
    graph = onnx.load(path).graph
    known = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    for node in graph.node:
        if node.op_type == "Cast" and node.input[0] in known:  # weights of 16 bits
            known[node.output[0]] = known[node.input[0]]
    behind = {name: node for node in graph.node for name in node.input}
    for node in graph.node:
        if node.op_type != "Conv":
            continue
        kernel, *bias = (known[name].astype(np.float32) for name in node.input[1:])
        shift = bias[0] if bias else np.zeros(len(kernel), np.float32)
        after = behind[node.output[0]]
        while after.op_type in ("Mul", "Add"):
            value = known[after.input[1]].astype(np.float32).reshape(-1)
            if after.op_type == "Mul":
                kernel, shift = kernel * value[:, None, None, None], shift * value
            else:
                shift = shift + value
            after = behind[after.output[0]]
        yield kernel, shift
