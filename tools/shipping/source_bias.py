"""What a dataset's annotators prefer to say, learned beside a network and dropped at its end."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tools.shipping.sampling import SOURCES
from yolo_fer.emotions import Emotion

_UNBIASED = ("expw", "rafdb")


class SourceBias(nn.Module):  # type: ignore[misc]  # torch is not looked into
    """Adds a number to each of the seven logits that depends on the dataset alone.

    AffectNet's and ExpW's annotators agree on 30 % of the photographs that both hold, and AffectNet
    as we have it knows no neutral face. Without these numbers the network would have to guess from
    a photograph's look whose answer is wanted. ExpW and RAF-DB have none: theirs is what is left
    when the numbers are dropped.
    """

    def __init__(self) -> None:
        super().__init__()
        self.numbers = nn.Parameter(torch.zeros(len(SOURCES), len(Emotion)))
        free = [[float(source not in _UNBIASED)] for source in SOURCES]
        self.register_buffer("free", torch.tensor(free), persistent=False)

    def forward(self, logits: Tensor, sources: Tensor) -> Tensor:
        """Return logits (..., 7) as the annotators of the sources (...) would give them."""
        return logits + (self.free * self.numbers)[sources]
