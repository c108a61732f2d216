"""Decoding images that may be anything, and encoding them."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from yolo_fer.errors import FileFault, ImageError
from yolo_fer.images.header import DAMAGED_HEADER, Header, open_with_pillow, read_header
from yolo_fer.images.through_pillow import THROUGH_PILLOW, decode_through_pillow

Image: TypeAlias = NDArray[np.uint8]
"""An image of shape (height, width, 3), BGR as in OpenCV, 0 to 255."""

MAX_PIXELS = 100_000_000
"""Of one image or video frame, 300 MB decoded; what claims more is a mistake or an attack."""
MAX_REDUCED_PIXELS = 250_000_000
"""Of a JPEG image that `decode_reduced` reads: phones make 200 million."""
MAX_BYTES = 1 << 30
"""Of an image file."""
JPEG_QUALITY = 95
LONGEST_SIDES = {".jpg": 65_500, ".jpeg": 65_500, ".png": 1_000_000, ".webp": 16_383}
"""Of an image in a file with this suffix, in pixels."""
_ORIENTATION = 0x0112
_REDUCED = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4}


def decode(
    data: bytes, max_pixels: int = MAX_PIXELS, before: Callable[[int], None] | None = None
) -> Image:
    """Decode an image as a viewer shows it: rotation applied, 8 bits, three channels.

    The format is told by the content, never by a file's extension. The header is read first,
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


def read(path: Path, before: Callable[[int], None] | None = None) -> Image:
    """Read and decode an image file; see `decode`.

    Raises:
        ImageError: as `decode`, or `missing_image` or `unreadable_image`; it names the file.
    """
    try:
        return decode(read_bytes(path), before=before)
    except ImageError as error:
        raise ImageError(error.reason, f"{path}: {error}") from error


def read_reduced(
    path: Path, before: Callable[[int], None] | None = None
) -> tuple[Image, tuple[int, int]]:
    """Read and decode an image file; see `decode_reduced`.

    Raises:
        ImageError: as `read`.
    """
    try:
        return decode_reduced(read_bytes(path), before)
    except ImageError as error:
        raise ImageError(error.reason, f"{path}: {error}") from error


def read_bytes(path: Path) -> bytes:
    """Read a file.

    Raises:
        ImageError: `missing_image`, `image_too_large` above `MAX_BYTES`, or `unreadable_image` for
            a denied or a broken file and for what is no file: a folder, a pipe, a device.
    """
    try:
        found = path.stat()
        # A pipe may never give anything, and a device never end.
        if not stat.S_ISREG(found.st_mode):
            what = "a folder" if stat.S_ISDIR(found.st_mode) else "a pipe or a device"
            raise ImageError(FileFault.UNREADABLE_IMAGE, f"this is {what} and not a file")
        if found.st_size > MAX_BYTES:
            size, most = found.st_size / 1e9, MAX_BYTES / 1e9
            raise ImageError(
                FileFault.IMAGE_TOO_LARGE, f"the file has {size:.1f} GB, more than {most:.1f}"
            )
        return path.read_bytes()
    except (FileNotFoundError, ValueError) as error:  # no name holds a NUL
        raise ImageError(FileFault.MISSING_IMAGE, "the file does not exist") from error
    except OSError as error:
        # Not `error` itself: it names the path, and a conversion writes no absolute paths.
        reason = error.strerror or type(error).__name__
        raise ImageError(
            FileFault.UNREADABLE_IMAGE, f"the file cannot be read ({reason})"
        ) from error


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
