"""Finding faces that fill their image: the finder sees it enlarged and with something around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from yolo_fer.faces.finder import FaceFinder, FoundFaces
from yolo_fer.images import Image

# RetinaFace finds 99.8 % of FER2013's faces so, 99.1 % at 128 pixels and 56 % at their own 48.
_LEAST_SIDE = 160
_MARGIN = 0.25  # of the shorter side, around the image
_GREY = 114


@dataclass(frozen=True, slots=True)
class WithMargin:
    """A face finder for images that may be crops of a face.

    Args:
        finder: the finder that does the work; its boxes may pass the image's edge.
    """

    finder: FaceFinder

    @property
    def name(self) -> str:
        """The name of the finder that does the work."""
        return self.finder.name

    @property
    def weights_sha256(self) -> str:
        """The hash of its weights."""
        return self.finder.weights_sha256

    @property
    def weights_bytes(self) -> int:
        """The size of its weights."""
        return self.finder.weights_bytes

    def find(self, images: Sequence[Image]) -> list[FoundFaces]:
        """Find the faces of images of any sizes; see `FaceFinder.find`."""
        views = [widen_view(image) for image in images]
        found = self.finder.find([view for view, _, _ in views])
        return [
            FoundFaces(
                (faces.boxes - margin) / scale,
                faces.scores,
                None if faces.landmarks is None else (faces.landmarks - margin) / scale,
            )
            for faces, (_, scale, margin) in zip(found, views, strict=True)
        ]


def widen_view(image: Image) -> tuple[Image, float, int]:
    """Return an image as the finder is to see it, its scale, and the margin in pixels."""
    height, width = image.shape[:2]
    scale = max(1.0, _LEAST_SIDE / min(height, width))
    if scale > 1:
        size = round(width * scale), round(height * scale)
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    margin = round(_MARGIN * min(image.shape[:2]))
    sides = (margin, margin, margin, margin)
    view = cv2.copyMakeBorder(image, *sides, cv2.BORDER_CONSTANT, value=(_GREY, _GREY, _GREY))
    return np.asarray(view, np.uint8), scale, margin
