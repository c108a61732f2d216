"""What every face finder looks like from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from yolo_fer.errors import UsageError
from yolo_fer.images import Image


@dataclass(frozen=True, slots=True)
class FoundFaces:
    """The faces of one image, best score first.

    Args:
        boxes: (N, 4) left, top, right, bottom in pixels of the image, in the finder's own
            convention; they may pass the image's edge.
        scores: (N,) in 0 to 1.
        landmarks: (N, 5, 2) x and y of both eyes, the tip of the nose and both corners of the
            mouth, the left one in the image before the right one; None from a finder without them.
    """

    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]
    landmarks: NDArray[np.float64] | None = None


class FaceFinder(Protocol):
    """Finds faces, without naming an expression."""

    @property
    def name(self) -> str:
        """The name by which the command line and reports know it."""

    @property
    def weights_sha256(self) -> str:
        """The hash of the weights, so that a report says what found its faces."""

    @property
    def weights_bytes(self) -> int:
        """The size of the weights, of all files together."""

    def find(self, images: Sequence[Image]) -> list[FoundFaces]:
        """Find the faces of images of any sizes.

        Args:
            images: each (height, width, 3) BGR, 0 to 255.

        Returns:
            One `FoundFaces` per image, in order.
        """


def check_threshold(threshold: float) -> None:
    """Make sure that a score can be the least one of a face.

    Raises:
        UsageError: if it does not lie between 0 and 1.
    """
    if not 0 < threshold < 1:
        raise UsageError(f"the face threshold must lie between 0 and 1, not at {threshold}")
