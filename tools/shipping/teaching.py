"""A network that is trained keeps what another one with the same anchors knows.

Labels alone move a network that has learned already: it gains on the datasets that have most of
them, portraits, what it loses on photographs. A teacher that sees the same images says what is to
be kept (Hinton et al. 2015; Li and Hoiem 2016).

Imported only after `import_ultralytics`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import kl_div, log_softmax, logsigmoid, softplus
from ultralytics.utils.ops import xywh2xyxy

KEPT_LAYERS = (3, 4, 6, 10, 13)
"""Layers of both networks that have the same channels, of strides 8, 8, 16, 32 and 16."""
_WEIGHTS = {
    "kept_scores": 0.6,
    "kept_faces": 1.0,
    "kept_names": 12.0,
    "kept_boxes": 1.0,
    "kept_layers": 10.0,
}
_SIDES = 4  # of a box
_READ = 240.0  # pixels: a teacher that names larger faces badly need not be followed there


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What a teacher says of B images, at A anchors, those of the finest stride first.

    Args:
        boxes: (B, A, 4) left, top, right, bottom in pixels.
        scores: (B, A, 7) of the emotions, 0 to 1.
        logits: (B, 7, A) of the scores.
        distances: (B, 4 * bins, A) logits of the distances to a box's sides.
        layers: what its `KEPT_LAYERS` give, each (B, C, H, W).
    """

    boxes: Tensor
    scores: Tensor
    logits: Tensor
    distances: Tensor
    layers: Mapping[int, Tensor]

    @property
    def faces(self) -> Tensor:
        """(B, A) the scores of a face, whatever it shows."""
        return 1 - (1 - self.scores).prod(-1)

    @property
    def readable(self) -> Tensor:
        """(B, A) 1 where the box is small enough for a name that is worth keeping, less above."""
        sides = (self.boxes[..., 2:] - self.boxes[..., :2]).clamp(min=1).prod(-1).sqrt()
        return (_READ / sides).clamp(max=1) ** 2

    def distance(
        self, predictions: Mapping[str, Tensor], layers: Mapping[int, Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Return how far a network's predictions are from what was said, and the parts of it.

        Scores and the score of the face are compared at every anchor, names and boxes where the
        teacher sees a face, by relative entropies in nats for each face. Of layers it is the share
        of the teacher's variance that is missed (Romero et al. 2015, "FitNets").

        Args:
            predictions: what a detection model in training gives, whose heads begin with the finest
                stride.
            layers: what its `KEPT_LAYERS` give.
        """
        logits = predictions["scores"].float()
        a_face = self.faces
        faces = a_face.sum().clamp(min=1)
        no_face = -softplus(logits).sum(1)
        parts = {
            "kept_scores": _binary(self.logits, logsigmoid(logits), logsigmoid(-logits)).sum(),
            "kept_faces": _binary(torch.logit(a_face, 1e-6), _log_of_rest(no_face), no_face).sum(),
            "kept_names": (a_face * self.readable * _relative(self.logits, logits, 1)).sum(),
            "kept_boxes": (
                a_face
                * _relative(
                    self.distances.unflatten(1, (_SIDES, -1)),
                    predictions["boxes"].float().unflatten(1, (_SIDES, -1)),
                    2,
                ).mean(1)
            ).sum(),
        }
        parts = {name: part / faces for name, part in parts.items()}
        missed = [_missed(said, layers[layer]) for layer, said in self.layers.items()]
        parts["kept_layers"] = torch.stack(missed).mean()
        total = sum((_WEIGHTS[name] * part for name, part in parts.items()), torch.zeros(()))
        return total, {name: part.detach() for name, part in parts.items()}


class Teacher:
    """A trained detector that says what it sees.

    Args:
        network: a detection model of Ultralytics, on the device of the images; not changed. Its
            heads may have any order.
    """

    def __init__(self, network: Any) -> None:
        self._network = network.eval().requires_grad_(False)
        self._order = network.stride.argsort().tolist()

    def __call__(self, images: Tensor) -> Said:
        """Return what it says of images (B, 3, S, S)."""
        with torch.no_grad(), listening(self._network) as layers:
            output, raw = self._network(images)
        anchors = [one.shape[-2] * one.shape[-1] for one in raw["feats"]]
        output, logits, distances = (
            self._finest_first(one.float(), anchors)
            for one in (output, raw["scores"], raw["boxes"])
        )
        output = output.transpose(1, 2)
        return Said(xywh2xyxy(output[..., :4]), output[..., 4:], logits, distances, layers)

    def _finest_first(self, values: Tensor, anchors: list[int]) -> Tensor:
        """Return (B, C, A) with the anchors in another order of heads."""
        parts = values.split(anchors, -1)
        return torch.cat([parts[head] for head in self._order], -1)


@contextmanager
def listening(network: Any) -> Iterator[dict[int, Tensor]]:
    """Let a network's `KEPT_LAYERS` put what they give into a dictionary."""
    heard: dict[int, Tensor] = {}
    hooks = [
        network.model[layer].register_forward_hook(
            lambda _module, _inputs, output, layer=layer: heard.update({layer: output})
        )
        for layer in KEPT_LAYERS
    ]
    try:
        yield heard
    finally:
        for hook in hooks:
            hook.remove()


def _missed(said: Tensor, own: Tensor) -> Tensor:
    """Return the squared distance of (B, C, H, W), as a share of the variance of what was said.

    What a SiLU gives below 0 no ReLU can give, so that 0 is wanted there.
    """
    said, own = said.float().relu(), own.float()
    return (own - said).square().mean() / said.var((0, 2, 3)).mean().clamp(min=1e-6)


def _binary(said: Tensor, yes: Tensor, no: Tensor) -> Tensor:
    """Return the relative entropy of yes and no, from logits said to logarithms of a network."""
    surely, hardly = logsigmoid(said), logsigmoid(-said)
    return surely.exp() * (surely - yes) + hardly.exp() * (hardly - no)


def _log_of_rest(logarithm: Tensor) -> Tensor:
    """Return log(1 - exp(x)) of a logarithm x."""
    return torch.log((-torch.expm1(logarithm)).clamp(min=1e-6))


def _relative(said: Tensor, own: Tensor, dim: int) -> Tensor:
    """Return the relative entropy of two distributions given as logits, summed over a dimension."""
    return kl_div(
        log_softmax(own, dim), log_softmax(said, dim), reduction="none", log_target=True
    ).sum(dim)
