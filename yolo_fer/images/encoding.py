"""Encoding images: each format holds sides of some length, and a longer one is an error."""

from __future__ import annotations

import cv2

from yolo_fer.errors import FileFault, ImageError
from yolo_fer.images.pixels import Image

JPEG_QUALITY = 95
LONGEST_SIDES = {".jpg": 65_500, ".jpeg": 65_500, ".png": 1_000_000, ".webp": 16_383}
"""Of an image in a file with this suffix, in pixels."""


def encode_jpeg(image: Image) -> bytes:
    """Encode a BGR image as JPEG of the fixed quality that conversions use; else as `encode`."""
    return encode(image, ".jpg")


def encode(image: Image, suffix: str) -> bytes:
    """Encode an image in the format of a suffix, JPEG in the fixed quality of `encode_jpeg`.

    Args:
        image: (height, width, 3) BGR.
        suffix: the ending of the file's name in lower case, such as `.png`.

    Raises:
        ImageError: `image_too_large` or `unwritable_image`, if the format cannot hold it.
    """
    height, width = image.shape[:2]
    check_sides(width, height, suffix)  # OpenCV would print lines of its own
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if suffix in (".jpg", ".jpeg") else []
    done, data = cv2.imencode(suffix, image, quality)
    if not done:
        raise ImageError(
            FileFault.UNWRITABLE_IMAGE,
            f"the image has {width}x{height} pixels and cannot be encoded as {suffix}",
        )
    return data.tobytes()


def check_sides(width: int, height: int, suffix: str) -> None:
    """Make sure that a file with a suffix can hold an image of a size in pixels.

    Raises:
        ImageError: `image_too_large`, if a side is longer than the format allows.
    """
    longest = LONGEST_SIDES.get(suffix)
    if longest is not None and max(width, height) > longest:
        raise ImageError(
            FileFault.IMAGE_TOO_LARGE,
            f"the image has {width}x{height} pixels, and a side of a {suffix} file at most "
            f"{longest:,}",
        )
