"""What is known of the faces of training images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A training image.

    Args:
        pixels: (S, S) grey.
        boxes: (N, 4) of the faces to be found, in pixels.
        targets: (N, 7) how probable each emotion is, NaN where nobody knows.
        exact: (N,) whether the box may teach boxes.
        sources: (N,) the number of the dataset that each face comes from.
        ignored: (M, 4) where there may be a face or none.
    """

    pixels: NDArray[np.uint8]
    boxes: NDArray[np.float64]
    targets: NDArray[np.float32]
    exact: NDArray[np.bool_]
    sources: NDArray[np.int64]
    ignored: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of a batch of B images with at most N faces.

    Args:
        boxes: (B, N, 4) left, top, right, bottom in pixels; zero where there is no face.
        targets: (B, N, 7) how probable each emotion is.
        known: (B, N) 1 where it is known, else 0.
        exact: (B, N) 1 where the box may teach boxes, else 0.
        sources: (B, N) the number of the dataset that the face comes from.
        ignored: (B, M, 4) where there may be a face or none; zero where there are fewer.
    """

    boxes: Tensor
    targets: Tensor
    known: Tensor
    exact: Tensor
    sources: Tensor
    ignored: Tensor

    @classmethod
    def of(cls, views: Sequence[View]) -> Truth:
        """Collect what is known of each view."""
        emotions = views[0].targets.shape[1]
        finite = [np.asarray(np.isfinite(view.targets).all(axis=1)) for view in views]
        targets = [np.nan_to_num(view.targets, nan=1 / emotions) for view in views]
        return cls(
            boxes=_padded([view.boxes for view in views], (4,)).float(),
            targets=_padded(targets, (emotions,)).float(),
            known=_padded(finite, ()).float(),
            exact=_padded([view.exact for view in views], ()).float(),
            sources=_padded([view.sources for view in views], ()).long(),
            ignored=_padded([view.ignored for view in views], (4,)).float(),
        )

    def to(self, device: Any) -> Truth:
        """Return the same on a device."""
        return Truth(*(getattr(self, name).to(device) for name in self.__slots__))


def _padded(rows: Sequence[NDArray[Any]], shape: tuple[int, ...]) -> Tensor:
    """Return (B, N, *shape) arrays of different lengths, zero where one is shorter."""
    most = max(1, *(len(row) for row in rows))
    padded = np.zeros((len(rows), most, *shape), np.float64)
    for target, row in zip(padded, rows, strict=True):
        target[: len(row)] = row
    return torch.from_numpy(padded)
