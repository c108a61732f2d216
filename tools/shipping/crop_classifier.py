"""A classifier of single faces, which says for each training face how probable each emotion is.

Imported only after `import_ultralytics`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import log_softmax

from tools.shipping.crop_views import CropBatch, as_input
from tools.shipping.face_features import FEATURES, FaceFeatures
from tools.shipping.source_bias import SourceBias
from yolo_fer.emotions import Emotion
from yolo_fer.train.device import precision
from yolo_fer.train.optimising import Group

_FIXED = 5  # layers that see edges and take half of a step's time; they stay as they are


class CropClassifier(nn.Module):  # type: ignore[misc]  # torch is not looked into
    """Features of face recognition and one linear layer.

    Args:
        features: the network that gives them.
    """

    def __init__(self, features: FaceFeatures) -> None:
        super().__init__()
        self.features, self.drop = features, nn.Dropout(0.2)
        self.features.layers[:_FIXED].requires_grad_(False)
        self.last = nn.Linear(FEATURES, len(Emotion))
        nn.init.normal_(self.last.weight, std=0.01)
        nn.init.zeros_(self.last.bias)
        self.bias = SourceBias()

    def forward(self, pixels: Tensor) -> Tensor:
        """Return (B, 7) logits of crops (B, 3, S, S), 0 to 1, without any dataset's bias."""
        return self.last(self.drop(self.features(pixels)))

    def train(self, mode: bool = True) -> CropClassifier:
        """Train or answer; the norms of the layers that are not trained stay as they are, too."""
        super().train(mode)
        self.features.layers[:_FIXED].eval()
        return self

    def groups(self) -> list[Group]:
        """Return what is trained, and how fast."""
        trained = [one for one in self.features.parameters() if one.requires_grad]
        return [
            Group(trained, 0.5),
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
