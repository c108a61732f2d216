"""YOLO's loss for faces whose expression is a distribution, or not known at all.

Imported only after `import_ultralytics`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, log_softmax, softplus
from ultralytics.utils.loss import v8DetectionLoss
from ultralytics.utils.tal import make_anchors

from tools.shipping.source_bias import SourceBias
from tools.shipping.truth import Truth

_SCORES, _FACE, _BOX, _DISTANCE = 0.4, 0.5, 7.5, 1.5  # the last two are Ultralytics' own
_USUAL_SIDE = 96.0  # pixels of a face that counts once
_NAMING_BY_SIZE, _NAMING_WEIGHTS = 1.2, (0.3, 3.0)  # larger faces are looked at again
_MOST_FINDING = 4.0  # times that a large face counts in finding and in its scores


class FaceLoss(v8DetectionLoss):  # type: ignore[misc]  # Ultralytics is not typed
    """Finds faces as YOLO does, and names them by cross-entropy with soft labels.

    Anchors are assigned to faces by how well they find *a* face, whatever its expression, so that
    an anchor does not lose a face because it reads the expression differently. The seven scores are
    trained three times: each as a detection score, by binary cross-entropy as in Ultralytics; all
    together as the score of the face, 1 - prod(1 - s), likewise; and against each other, by
    cross-entropy over the seven. The last is what teaches expressions: the first is nearly
    satisfied by scores that tell faces from background alone. Faces of unknown expression are found
    and boxed, and name nothing. An image has room for a hundred small faces or for one that fills
    it: large ones count more, or nothing would be learned from them.

    Args:
        network: a detection model of Ultralytics.
        bias: of the datasets, which name expressions differently.
        naming: weight of the cross-entropy over the seven.
    """

    def __init__(self, network: Any, bias: SourceBias, naming: float) -> None:
        super().__init__(network)
        self._bias, self._naming = bias, naming

    def __call__(self, preds: Any, truth: Truth) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Return the loss, and its parts for a log."""
        preds = preds[1] if isinstance(preds, tuple) else preds
        distances = preds["boxes"].permute(0, 2, 1).contiguous().float()
        logits = preds["scores"].permute(0, 2, 1).contiguous().float()
        anchors, strides = (t.float() for t in make_anchors(preds["feats"], self.stride, 0.5))
        boxes = self.bbox_decode(anchors, distances)
        no_face = -softplus(logits).sum(-1)  # the logarithm of prod(1 - s)
        with torch.no_grad():
            wanted, alignment, found, face = self._assign(
                1 - no_face.exp(), boxes, anchors, strides, truth
            )
            targets = truth.targets.gather(1, face[..., None].expand(-1, -1, self.nc))
            targets = alignment[..., None] * targets
            known, exact, sources = (
                of.gather(1, face) for of in (truth.known, truth.exact, truth.sources)
            )
            size = _sizes(truth).gather(1, face)
            by_size = (size**_NAMING_BY_SIZE).clamp(*_NAMING_WEIGHTS)
            larger = torch.where(found, size.clamp(1, _MOST_FINDING), torch.ones_like(size))
            background = self._background(anchors * strides, truth)
            total = alignment.sum().clamp(min=1)
        scores = binary_cross_entropy_with_logits(logits, targets, reduction="none").sum(-1)
        scores = (scores * torch.where(found, known, background) * larger).sum() / total
        a_face = (1 - no_face.exp()).clamp(1e-7, 1 - 1e-7).log()
        finding = -(alignment * a_face + (1 - alignment) * no_face)
        finding = (finding * (found + ~found * background) * larger).sum() / total
        biased = self._bias(logits, sources) * found[..., None] + logits * ~found[..., None]
        naming = -(targets * log_softmax(biased, -1)).sum(-1) * known * found * by_size
        naming = naming.sum() / (alignment * known * by_size).sum().clamp(min=1)
        box, distance = self._box_loss(
            distances, boxes, anchors, strides, wanted, alignment * exact, found & (exact > 0)
        )
        loss = self._naming * naming + _SCORES * scores + _FACE * finding
        loss = loss + _BOX * box + _DISTANCE * distance
        parts = {"naming": naming, "scores": scores, "finding": finding}
        parts |= {"box": box, "distance": distance}
        return loss, {name: part.detach() for name, part in parts.items()}

    def _assign(
        self, scores: Tensor, boxes: Tensor, anchors: Tensor, strides: Tensor, truth: Truth
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return each anchor's box, how well it is aligned with it, if it has one, and its face."""
        any_emotion = scores[..., None].expand(-1, -1, self.nc).contiguous()
        labels = torch.zeros_like(truth.sources)[..., None]
        there = truth.boxes.sum(2, keepdim=True) > 0
        _, wanted, aligned, found, face = self.assigner(
            any_emotion, boxes * strides, anchors * strides, labels, truth.boxes, there
        )
        return wanted, aligned.sum(-1) * found, found, face

    def _background(self, points: Tensor, truth: Truth) -> Tensor:
        """Return (B, A) 1 for the anchors that would be wrong to find a face, 0 where one may."""
        after = (points[None, :, None] > truth.ignored[:, None, :, :2]).all(-1)
        before = (points[None, :, None] < truth.ignored[:, None, :, 2:]).all(-1)
        return 1 - (after & before).any(2).float()

    def _box_loss(
        self,
        distances: Tensor,
        boxes: Tensor,
        anchors: Tensor,
        strides: Tensor,
        wanted: Tensor,
        weights: Tensor,
        used: Tensor,
    ) -> tuple[Tensor, Tensor]:
        if not used.any():
            zero = distances.sum() * 0
            return zero, zero
        box, distance = self.bbox_loss(
            distances,
            boxes,
            anchors,
            wanted / strides,
            weights[..., None],
            weights.sum().clamp(min=1),
            used,
            torch.zeros(2),  # the image's size matters only to heads without distributions
            strides,
        )
        return box, distance


def _sizes(truth: Truth) -> Tensor:
    """Return (B, N) the side of each face, in sides of one that counts once."""
    sides = (truth.boxes[..., 2:] - truth.boxes[..., :2]).clamp(min=1)
    return sides.prod(-1).sqrt() / _USUAL_SIDE
