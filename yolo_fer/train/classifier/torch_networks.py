"""The classifiers' networks in PyTorch; each gives logits of its classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn


def build_network(name: str, channels: int, classes: int) -> nn.Module:
    """Return a network with random weights.

    Args:
        name: one of `architectures.ARCHITECTURES`.
        channels: the channels of the images.
        classes: how many logits it gives.
    """
    network = _BUILDERS[name](channels, classes)
    if name not in _OF_TORCHVISION:
        for layer in network.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                # with PyTorch's own start a plain stack of ten convolutions lets no signal through
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
        nn.init.normal_(layer.weight, std=0.01)  # the last layer: all classes start as equals
    return network


class FerCnn(nn.Module):  # type: ignore[misc]  # PyTorch is not typed for us
    """The plain CNN of Ohlsen for 48x48 grey faces.

    Two convolutions of 32 maps, two of 64, three of 128 and three of 256, each group followed by
    pooling, then 1,024 units and the classes. Batch normalisation is ours: it speeds up training
    (46 % after the first epoch on FER+ instead of 38 %), and an export folds it into the
    convolutions, so that what runs is the network as published.
    """

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        layers: list[Any] = []
        for maps, count in ((32, 2), (64, 2), (128, 3), (256, 3)):
            for _ in range(count):
                layers += _convolution(channels, maps)
                channels = maps
            layers += [nn.MaxPool2d(2)]
        self.features = nn.Sequential(*layers)
        self.pool = MeanPool(3)  # nothing to do at 48 pixels
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Linear(channels * 9, 1024),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Linear(1024, classes),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Return (B, classes) logits of (B, channels, S, S) normalised images."""
        return self.head(self.pool(self.features(images)))


class MeanPool(nn.Module):  # type: ignore[misc]
    """`AdaptiveAvgPool2d` as two matrix products, which ONNX has for every size of the maps."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side

    def forward(self, maps: Tensor) -> Tensor:
        """Return (B, C, side, side) means of (B, C, H, W) maps."""
        rows, columns = (self._means(int(size)).to(maps) for size in maps.shape[-2:])
        return rows @ maps @ columns.T

    def _means(self, size: int) -> Tensor:
        """Return (side, size): each row has the mean over a part of `size` places."""
        matrix = torch.zeros(self.side, size)
        for row in range(self.side):
            start, end = row * size // self.side, -(-(row + 1) * size // self.side)
            matrix[row, start:end] = 1 / (end - start)
        return matrix


class _Residual(nn.Module):  # type: ignore[misc]
    """The basic block (He et al. 2016), with its shortcut pooled as in ResNet-D."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *_convolution(before, after, stride),
            nn.Conv2d(after, after, 3, padding=1, bias=False),
            nn.BatchNorm2d(after),
        )
        shortcut: list[Any] = [nn.AvgPool2d(2)] if stride > 1 else []
        if before != after:
            shortcut += [nn.Conv2d(before, after, 1, bias=False), nn.BatchNorm2d(after)]
        self.shortcut = nn.Sequential(*shortcut)
        nn.init.zeros_(self.body[-1].weight)  # a block starts as its shortcut

    def forward(self, maps: Tensor) -> Tensor:
        return torch.relu(self.body(maps) + self.shortcut(maps))


def _convolution(before: int, after: int, stride: int = 1) -> list[Any]:
    return [
        nn.Conv2d(before, after, 3, stride, 1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    ]


def _compact_resnet(channels: int, classes: int) -> nn.Module:
    """A ResNet of 1.9 million weights; a 128-pixel face is at 32 pixels after the stem."""
    maps = (32, 64, 128, 192)
    layers = [*_convolution(channels, 16, 2), *_convolution(16, maps[0], 2)]
    before = maps[0]
    for number, after in enumerate(maps):
        layers += [_Residual(before, after, 1 if number == 0 else 2), _Residual(after, after, 1)]
        before = after
    return nn.Sequential(*layers, *_head(before, classes))


def _compact_vgg(channels: int, classes: int) -> nn.Module:
    """A VGG of 0.8 million weights, without shortcuts and with pooling."""
    layers = [*_convolution(channels, 16, 2), *_convolution(16, 32), nn.MaxPool2d(2)]
    before = 32
    for after in (64, 128, 192):
        layers += [*_convolution(before, after), *_convolution(after, after), nn.MaxPool2d(2)]
        before = after
    return nn.Sequential(*layers, *_head(before, classes))


def _head(maps: int, classes: int) -> list[Any]:
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.3), nn.Linear(maps, classes)]


def _resnet18(channels: int, classes: int) -> nn.Module:
    from torchvision.models import resnet18

    network = resnet18(weights=None)
    network.fc = nn.Linear(network.fc.in_features, classes)
    return network


def _vgg16(channels: int, classes: int) -> nn.Module:
    from torchvision.models import vgg16

    network = vgg16(weights=None)
    network.avgpool = MeanPool(7)
    network.classifier[-1] = nn.Linear(network.classifier[-1].in_features, classes)
    return network


_OF_TORCHVISION = ("resnet18", "vgg16")
_BUILDERS: dict[str, Callable[[int, int], nn.Module]] = {
    "fer-cnn": FerCnn,
    "compact-resnet": _compact_resnet,
    "compact-vgg": _compact_vgg,
    "resnet18": _resnet18,
    "vgg16": _vgg16,
}
