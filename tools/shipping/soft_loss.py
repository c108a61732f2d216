"""YOLO's loss for faces whose expression is a distribution, or not known at all.

Imported only after `import_ultralytics`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, log_softmax
from ultralytics.utils.loss import v8DetectionLoss
from ultralytics.utils.tal import make_anchors

from tools.shipping.views import View

_FINDING, _BOX, _DISTANCE = 0.5, 7.5, 1.5  # Ultralytics' own


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of a batch of B images with at most N faces.

    Args:
        boxes: (B, N, 4) left, top, right, bottom in pixels; zero where there is no face.
        targets: (B, N, 7) how probable each emotion is.
        known: (B, N) 1 where it is known, else 0.
        exact: (B, N) 1 where the box may teach boxes, else 0.
        ignored: for each image (M, 4) where there may be a face or none.
    """

    boxes: Tensor
    targets: Tensor
    known: Tensor
    exact: Tensor
    ignored: tuple[Tensor, ...]

    @classmethod
    def of(cls, views: Sequence[View]) -> Truth:
        """Collect what is known of each view."""
        most = max(1, *(len(view.boxes) for view in views))
        emotions = views[0].targets.shape[1]
        boxes, targets = torch.zeros(len(views), most, 4), torch.zeros(len(views), most, emotions)
        known, exact = torch.zeros(len(views), most), torch.zeros(len(views), most)
        for row, view in enumerate(views):
            count = len(view.boxes)
            boxes[row, :count] = torch.from_numpy(view.boxes).float()
            finite = torch.from_numpy(view.targets).isfinite()
            targets[row, :count] = torch.from_numpy(view.targets).nan_to_num(1 / emotions)
            known[row, :count] = finite.all(dim=1).float()
            exact[row, :count] = torch.from_numpy(view.exact).float()
        ignored = tuple(torch.from_numpy(view.ignored).float() for view in views)
        return cls(boxes, targets, known, exact, ignored)


class SoftLoss(v8DetectionLoss):  # type: ignore[misc]  # Ultralytics is not typed
    """Finds faces as YOLO does, and names them by cross-entropy with soft labels.

    Anchors are assigned to faces by how well they find *a* face, whatever its expression, so that
    an anchor does not lose a face because it reads the expression differently. Their class scores
    are trained twice: as detection scores, by binary cross-entropy as in Ultralytics, and against
    each other, by cross-entropy over the seven. The second is what teaches expressions: the binary
    one is nearly satisfied by scores that tell faces from background alone. Faces of unknown
    expression teach boxes only, and are not background.

    Args:
        network: a detection model of Ultralytics.
        naming: weight of the cross-entropy over the seven.
    """

    def __init__(self, network: Any, naming: float = 1.0) -> None:
        super().__init__(network)
        self._naming = naming

    def __call__(self, preds: Any, truth: Truth) -> tuple[Tensor, Mapping[str, float]]:
        """Return the loss, and its parts for a log."""
        preds = preds[1] if isinstance(preds, tuple) else preds
        distances = preds["boxes"].permute(0, 2, 1).contiguous().float()
        logits = preds["scores"].permute(0, 2, 1).contiguous().float()
        anchors, strides = (t.float() for t in make_anchors(preds["feats"], self.stride, 0.5))
        boxes = self.bbox_decode(anchors, distances)
        with torch.no_grad():
            wanted, alignment, found, face = self._assign(logits, boxes, anchors, strides, truth)
            targets = alignment[..., None] * truth.targets.gather(
                1, face[..., None].expand(-1, -1, self.nc)
            )
            known, exact = truth.known.gather(1, face), truth.exact.gather(1, face)
            counted = torch.where(found, known, self._background(anchors * strides, truth))
            total = alignment.sum().clamp(min=1)
        finding = binary_cross_entropy_with_logits(logits, targets, reduction="none").sum(-1)
        finding = (finding * counted).sum() / total
        naming = -(targets * log_softmax(logits, -1)).sum(-1) * known * found
        naming = naming.sum() / (alignment * known).sum().clamp(min=1)
        box, distance = self._box_loss(
            distances, boxes, anchors, strides, wanted, alignment * exact, found & (exact > 0)
        )
        loss = self._naming * naming + _FINDING * finding + _BOX * box + _DISTANCE * distance
        parts = {"naming": naming, "finding": finding, "box": box, "distance": distance}
        return loss, {name: float(part.detach()) for name, part in parts.items()}

    def _assign(
        self, logits: Tensor, boxes: Tensor, anchors: Tensor, strides: Tensor, truth: Truth
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return each anchor's box, how well it is aligned with it, if it has one, and its face."""
        any_emotion = logits.sigmoid().amax(-1, keepdim=True).expand_as(logits).contiguous()
        labels = torch.zeros(*truth.boxes.shape[:2], 1, dtype=torch.long)
        there = truth.boxes.sum(2, keepdim=True) > 0
        _, wanted, scores, found, face = self.assigner(
            any_emotion, boxes * strides, anchors * strides, labels, truth.boxes, there
        )
        return wanted, scores.sum(-1) * found, found, face

    def _background(self, points: Tensor, truth: Truth) -> Tensor:
        """Return (B, A) 1 for the anchors that would be wrong to find a face, 0 where one may."""
        counted = torch.ones(len(truth.ignored), len(points))
        for row, ignored in enumerate(truth.ignored):
            after = (points[:, None] > ignored[None, :, :2]).all(-1)
            before = (points[:, None] < ignored[None, :, 2:]).all(-1)
            counted[row, (after & before).any(1)] = 0
        return counted

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
