"""Reading images that may be anything, and writing JPEG files that are always whole."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from yolo_fer.errors import ImageError
from yolo_fer.paths import ESCAPE

Image: TypeAlias = NDArray[np.uint8]
"""An image of shape (height, width, 3), BGR as in OpenCV, 0 to 255."""

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".jfif"})
MAX_PIXELS = 100_000_000  # 300 MB decoded; a larger header is a mistake or an attack
JPEG_QUALITY = 95
_ORIENTATION = 0x0112


def decode(data: bytes) -> Image:
    """Decode an image as a viewer shows it: EXIF rotation applied, 8 bits, three channels.

    The format is told by the content, never by a file's extension. Pillow reads the header, because
    OpenCV would allocate whatever size it claims; OpenCV decodes, three to four times as fast.

    Raises:
        ImageError: `empty_image`, `not_an_image`, `image_too_large`, `truncated_image` or
            `corrupt_image`.
    """
    return _decode(data, cv2.IMREAD_COLOR)


def decode_grey(data: bytes) -> NDArray[np.uint8]:
    """Decode an image to (height, width) grey, in two thirds of the time; else as `decode`."""
    return _decode(data, cv2.IMREAD_GRAYSCALE)


def _decode(data: bytes, flags: int) -> NDArray[np.uint8]:
    if not data:
        raise ImageError("empty_image", "the file is empty")
    kind = _check_header(data)
    if kind == "JPEG" and data.rfind(b"\xff\xd9") < data.rfind(b"\xff\xda"):
        # libjpeg fills what is missing with grey and only warns: no end after the last scan's start
        raise ImageError("truncated_image", "the JPEG file is cut short")
    if kind == "PNG" and b"IEND" not in data[-64:]:
        raise ImageError("truncated_image", "the PNG file is cut short")
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise ImageError("corrupt_image", f"the image cannot be decoded ({error.err})") from error
    if image is None:
        raise ImageError("corrupt_image", f"the {kind} image cannot be decoded")
    return np.asarray(image, dtype=np.uint8)


def _check_header(data: bytes) -> str:
    try:
        with PillowImage.open(io.BytesIO(data)) as header:
            width, height = header.size
            kind = str(header.format)
    except (UnidentifiedImageError, ImportError) as error:
        # Where Ultralytics is loaded, its Image.open asks for a HEIF plug-in at this point.
        raise ImageError("not_an_image", "the file is not an image of a known format") from error
    except PillowImage.DecompressionBombError as error:
        raise ImageError(
            "image_too_large", f"the header claims too many pixels: {error}"
        ) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise ImageError("corrupt_image", f"the image header is damaged ({error})") from error
    if width * height > MAX_PIXELS:
        raise ImageError(
            "image_too_large",
            f"the header claims {width}x{height} pixels, more than {MAX_PIXELS // 10**6} million",
        )
    return kind


def is_plain_jpeg(data: bytes) -> bool:
    """Tell whether a file's bytes can serve as a training image as they are.

    True for a JPEG file without EXIF rotation in grey or RGB: every reader sees the same pixels.
    """
    if not data.startswith(b"\xff\xd8"):
        return False
    with PillowImage.open(io.BytesIO(data)) as header:
        return (
            header.format == "JPEG"
            and header.mode in ("L", "RGB")
            and header.getexif().get(_ORIENTATION, 1) == 1
        )


def check(image: Image) -> None:
    """Make sure that an array is an image.

    Raises:
        ImageError: `not_an_image`, if it is not (height, width, 3) of uint8, or empty.
    """
    if not isinstance(image, np.ndarray):
        raise ImageError(
            "not_an_image",
            "an image is a file or an array of shape (height, width, 3) of uint8, "
            f"not {type(image).__name__}",
        )
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
        raise ImageError(
            "not_an_image",
            f"an image is an array of shape (height, width, 3) of uint8, "
            f"not {image.shape} of {image.dtype}",
        )


def read(path: Path) -> Image:
    """Read and decode an image file; see `decode`.

    Raises:
        ImageError: as `decode`, or `missing_image` or `unreadable_image`; it names the file.
    """
    try:
        return decode(read_bytes(path))
    except ImageError as error:
        raise ImageError(error.reason, f"{path}: {error}") from error


def read_bytes(path: Path) -> bytes:
    """Read a file.

    Raises:
        ImageError: `missing_image`, or `unreadable_image` for a folder, a denied or a broken file.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ImageError("missing_image", "the file does not exist") from error
    except OSError as error:
        # Not `error` itself: it names the path, and a conversion writes no absolute paths.
        reason = error.strerror or type(error).__name__
        raise ImageError("unreadable_image", f"the file cannot be read ({reason})") from error


def encode_jpeg(image: Image) -> bytes:
    """Encode a BGR image as JPEG of the fixed quality that conversions use."""
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise ImageError("unwritable_image", f"an image of shape {image.shape} cannot be encoded")
    return data.tobytes()


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write an object as indented JSON without NaN, which no other language reads."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(path, f"{text}\n".encode("utf-8", ESCAPE))


def write_figure(path: Path, figure: Any, dpi: int) -> None:
    """Write a Matplotlib figure as a PNG file that is always whole."""
    data = io.BytesIO()
    figure.savefig(data, dpi=dpi, format="png")
    write_atomically(path, data.getvalue())


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file under a temporary name and rename it, so that a kill never leaves half a file.

    The parent folder must exist.
    """
    # Cut, because file systems allow 255 bytes and the name itself may take all of them.
    temporary = path.with_name(f".{path.name[:40]}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        error.filename = str(path)  # which says more than the temporary name, or than none
        raise
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
