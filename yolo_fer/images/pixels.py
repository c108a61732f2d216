"""An image as an array."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from yolo_fer.errors import FileFault, ImageError

Image: TypeAlias = NDArray[np.uint8]
"""An image of shape (height, width, 3), BGR as in OpenCV, 0 to 255."""


def check(image: Image) -> None:
    """Make sure that an array is an image.

    Raises:
        ImageError: `not_an_image`, if it is not (height, width, 3) of uint8, or empty.
    """
    if not isinstance(image, np.ndarray):
        raise ImageError(
            FileFault.NOT_AN_IMAGE,
            "an image is an array of shape (height, width, 3) of uint8 here, "
            f"not {type(image).__name__}; read a file or convert another object first",
        )
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
        raise ImageError(
            FileFault.NOT_AN_IMAGE,
            f"an image is an array of shape (height, width, 3) of uint8, "
            f"not {image.shape} of {image.dtype}",
        )
