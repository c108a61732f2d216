"""How the weights of a network follow their gradients: AdamW, a cosine, and the running mean."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import nn

_LEAST_RATE = 0.01  # share of the highest rate
_YOUNG = 150  # steps in which an average forgets what it started from


@dataclass(frozen=True, slots=True)
class Group:
    """Parameters that learn at a multiple of the common rate."""

    parameters: Sequence[nn.Parameter]
    rate: float = 1.0


def adamw(groups: Iterable[Group], rate: float, decay: float) -> torch.optim.Optimizer:
    """Return AdamW (Loshchilov and Hutter 2019) for groups of parameters.

    Args:
        groups: what is trained.
        rate: the highest learning rate of a group whose multiple is 1.
        decay: the decay of convolutions and layers; biases and norms, of one dimension, are not
            decayed.
    """
    settings = [
        {"params": chosen, "weight_decay": decay if decays else 0.0, "lr": rate * group.rate}
        for group in groups
        for decays in (True, False)
        if (chosen := [p for p in group.parameters if (p.ndim > 1) == decays])
    ]
    return torch.optim.AdamW(settings, lr=rate, fused=True)  # unfused it takes 7 % of a step


def cosine(step: int, steps: int, warm_up: int) -> float:
    """Return the share of its highest rate at which a network learns in a step.

    Args:
        step: counted from 0.
        steps: the number of steps in all; at the last one the share is about 0.01.
        warm_up: steps in which the rate rises evenly, at least 1.
    """
    falling = (1 + math.cos(math.pi * step / steps)) / 2
    return min(1.0, (step + 1) / warm_up) * (_LEAST_RATE + (1 - _LEAST_RATE) * falling)


class Average(nn.Module):  # type: ignore[misc]  # torch is not looked into
    """The running mean of a network's weights (Polyak and Juditsky 1992).

    Args:
        network: the network to start from; it is not changed.
        keep: how much of the mean a step keeps.
    """

    def __init__(self, network: nn.Module, keep: float) -> None:
        super().__init__()
        self.network, self._keep = deepcopy(network).eval(), keep
        self.register_buffer("steps", torch.tensor(0))

    @torch.no_grad()  # type: ignore[untyped-decorator]  # torch is not looked into
    def update(self, network: nn.Module) -> None:
        """Move towards a network; faster at first, when it is young."""
        self.steps += 1
        keep = self._keep * (1 - math.exp(-int(self.steps) / _YOUNG))
        newest = network.state_dict()
        for name, value in self.network.state_dict().items():
            if value.dtype.is_floating_point:
                value.lerp_(newest[name], 1 - keep)
