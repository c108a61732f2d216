"""Letterboxing as in training: the image scaled into the network's input, and boxes scaled back."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from yolo_fer.boxes import Boxes
from yolo_fer.images import Image

PADDING = 114  # Ultralytics' grey


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How an image lies in the network's input.

    The rounding is that of Ultralytics' `LetterBox`, so that the network sees what it was trained
    and evaluated on.

    Args:
        image_size: height and width of the image, in pixels.
        input_size: height and width of the network's input.
        scaled_size: height and width of the scaled image inside the input.
        top: rows of padding above the scaled image.
        left: columns of padding to the left of it.
    """

    image_size: tuple[int, int]
    input_size: tuple[int, int]
    scaled_size: tuple[int, int]
    top: int
    left: int

    @classmethod
    def fit(cls, image_size: tuple[int, int], limit: tuple[int, int], stride: int) -> Letterbox:
        """Scale an image to fit into `limit` and centre it.

        Args:
            image_size: height and width of the image.
            limit: the largest input, height and width.
            stride: pad each side only up to a multiple of this, for a network that takes any size;
                0 pads to `limit`, for one that takes a single size.
        """
        gain = min(limit[0] / image_size[0], limit[1] / image_size[1])
        scaled = (max(round(image_size[0] * gain), 1), max(round(image_size[1] * gain), 1))
        padding = (limit[0] - scaled[0], limit[1] - scaled[1])
        if stride:
            padding = (padding[0] % stride, padding[1] % stride)
        return cls(
            image_size=image_size,
            input_size=(scaled[0] + padding[0], scaled[1] + padding[1]),
            scaled_size=scaled,
            top=round(padding[0] / 2 - 0.1),  # an odd pixel goes to the bottom and the right
            left=round(padding[1] / 2 - 0.1),
        )

    @property
    def gain(self) -> float:
        """Pixels of the network's input for one of the image."""
        return max(self.scaled_size) / max(self.image_size)

    def apply(self, image: Image) -> NDArray[np.float32]:
        """Return the network's input.

        Args:
            image: (height, width, 3) BGR, 0 to 255, of `image_size`.

        Returns:
            (1, 3, H, W) RGB, 0 to 1, of `input_size`.
        """
        height, width = self.scaled_size
        canvas = np.full((*self.input_size, 3), PADDING, dtype=np.uint8)
        inside = canvas[self.top : self.top + height, self.left : self.left + width]
        if self.scaled_size == self.image_size:
            inside[:] = image
        else:
            # Scaled straight into the padded canvas, which saves a copy of the image.
            cv2.resize(image, (width, height), dst=inside, interpolation=cv2.INTER_LINEAR)
        return np.asarray(cv2.dnn.blobFromImage(canvas, scalefactor=1 / 255, swapRB=True))

    def invert(self, boxes: Boxes) -> Boxes:
        """Bring (N, 4) corner boxes from the network's input back to pixels of the image."""
        gain_y = self.scaled_size[0] / self.image_size[0]
        gain_x = self.scaled_size[1] / self.image_size[1]
        offset = np.array([self.left, self.top, self.left, self.top])
        return np.asarray((boxes - offset) / np.array([gain_x, gain_y, gain_x, gain_y]))
