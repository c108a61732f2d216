"""The detector's backbone as a classifier of single faces, which is how it learns expressions.

Imported only after `import_ultralytics`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import log_softmax

from tools.shipping.crop_views import CropBatch, as_input
from tools.shipping.network import backbone_of
from tools.shipping.source_bias import SourceBias
from yolo_fer.emotions import Emotion
from yolo_fer.train.device import precision
from yolo_fer.train.optimising import Group

_FEATURES = 256


class CropClassifier(nn.Module):  # type: ignore[misc]  # torch is not looked into
    """Layers 0 to 10 of YOLO11n, averaged over the crop, and one linear layer.

    Args:
        layers: those of the backbone, in order.
    """

    def __init__(self, layers: nn.Sequential) -> None:
        super().__init__()
        self.layers, self.drop = layers, nn.Dropout(0.1)
        self.last = nn.Linear(_FEATURES, len(Emotion))
        nn.init.normal_(self.last.weight, std=0.01)
        nn.init.zeros_(self.last.bias)
        self.bias = SourceBias()

    @classmethod
    def from_checkpoint(cls, checkpoint: Path) -> CropClassifier:
        """Start from the backbone of a YOLO11n, or of our network.

        Raises:
            YoloFerError: if the checkpoint holds another network.
        """
        return cls(backbone_of(checkpoint))

    def forward(self, pixels: Tensor) -> Tensor:
        """Return (B, 7) logits of crops (B, 3, S, S), 0 to 1, without any dataset's bias."""
        return self.last(self.drop(self.layers(pixels).mean((2, 3))))

    def groups(self) -> list[Group]:
        """Return what is trained, and how fast."""
        return [
            Group(list(self.layers.parameters())),
            Group(list(self.last.parameters()), 2.0),
            Group(list(self.bias.parameters()), 5.0),
        ]


def crop_loss(network: Any, batch: CropBatch) -> tuple[Tensor, Mapping[str, Tensor]]:
    """Return the cross-entropy of a classifier with soft labels."""
    device = network.last.weight.device
    with precision(device):
        logits = network(as_input(batch.pixels, device))
    logits = network.bias(logits.float(), batch.sources.to(device))
    loss = -(batch.targets.to(device) * log_softmax(logits, -1)).sum(-1).mean()
    return loss, {"cross_entropy": loss.detach()}
