"""Decoding the bytes of an image that may be anything, as a viewer shows it."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from yolo_fer.errors import FileFault, ImageError
from yolo_fer.images.header import DAMAGED_HEADER, Header, open_with_pillow, read_header
from yolo_fer.images.pixels import Image
from yolo_fer.images.through_pillow import THROUGH_PILLOW, decode_through_pillow

MAX_PIXELS = 100_000_000
"""Of one image or video frame, 300 MB decoded; what claims more is a mistake or an attack."""
MAX_REDUCED_PIXELS = 250_000_000
"""Of a JPEG image that `decode_reduced` reads: phones make 200 million."""
_ORIENTATION = 0x0112
_REDUCED = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4}


def decode(
    data: bytes, max_pixels: int = MAX_PIXELS, before: Callable[[int], None] | None = None
) -> Image:
    """Decode an image as a viewer shows it: rotation applied, 8 bits, three channels.

    The content decides the format, never a file's extension. The header is read first,
    because a decoder would allocate whatever size it claims.

    Args:
        data: the file. What follows the image, such as the video of a phone's motion photo,
            is no part of it.
        max_pixels: what has more is refused.
        before: called with the bytes of the decoded image before they are there.

    Raises:
        ImageError: `empty_image`, `not_an_image`, `unsupported_image`, `image_too_large`,
            `truncated_image` or `corrupt_image`.
    """
    header = read_header(data)
    _check_size(header, max_pixels)
    if before is not None:
        before(3 * header.pixels)
    return _decode(data, header, cv2.IMREAD_COLOR)


def decode_grey(data: bytes) -> NDArray[np.uint8]:
    """Decode an image to (height, width) grey, in two thirds of the time; else as `decode`."""
    header = read_header(data)
    _check_size(header, MAX_PIXELS)
    return _decode(data, header, cv2.IMREAD_GRAYSCALE)


def decode_reduced(
    data: bytes, before: Callable[[int], None] | None = None, header: Header | None = None
) -> tuple[Image, tuple[int, int]]:
    """Decode an image; a JPEG image above `MAX_PIXELS` at a half of its size or less.

    Args:
        data: the file.
        before: called with the bytes of the decoded image before they are there.
        header: what `read_header` returns for the file; None reads it here.

    Returns:
        The pixels, and the width and height of the image at its full size, upright.

    Raises:
        ImageError: as `decode`; a baseline JPEG is too large only above `MAX_REDUCED_PIXELS`.
    """
    header = header or read_header(data)
    factor = 1
    if header.format == "JPEG" and not header.progressive:
        while header.pixels > factor**2 * MAX_PIXELS and factor < max(_REDUCED):
            factor *= 2
    if before is not None:
        before(3 * header.pixels // factor**2)
    if factor == 1:
        _check_size(header, MAX_PIXELS)
        image = _decode(data, header, cv2.IMREAD_COLOR)
        return image, (image.shape[1], image.shape[0])
    _check_size(header, MAX_REDUCED_PIXELS)
    image = _decode(data, header, _REDUCED[factor])
    is_turned = -(-header.width // factor) != image.shape[1]
    size = (header.width, header.height)
    return image, size[::-1] if is_turned else size


def _check_size(header: Header, max_pixels: int) -> None:
    if header.pixels > max_pixels:
        raise ImageError(
            FileFault.IMAGE_TOO_LARGE,
            f"the image has {header.width}x{header.height} pixels, "
            f"more than {max_pixels / 1e6:g} million",
        )


def _decode(data: bytes, header: Header, flags: int) -> NDArray[np.uint8]:
    if header.format in THROUGH_PILLOW:
        image = decode_through_pillow(data, header.format)
        if flags == cv2.IMREAD_GRAYSCALE:
            return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
        return image
    try:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise ImageError(
            FileFault.CORRUPT_IMAGE, f"the image cannot be decoded ({error.err})"
        ) from error
    if decoded is None:
        raise ImageError(FileFault.CORRUPT_IMAGE, f"the {header.format} image cannot be decoded")
    return np.asarray(decoded, dtype=np.uint8)


def is_plain_jpeg(data: bytes) -> bool:
    """Tell whether a file's bytes can serve as a training image as they are.

    True for a JPEG file without EXIF rotation in grey or RGB, whose header all readers can read:
    they see the same pixels.
    """
    if not data.startswith(b"\xff\xd8"):
        return False
    try:
        with open_with_pillow(data, "JPEG") as header:
            return header.mode in ("L", "RGB") and header.getexif().get(_ORIENTATION, 1) == 1
    except DAMAGED_HEADER:
        return False
