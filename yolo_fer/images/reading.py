"""Reading image files; every failure has a reason and names the file."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

from yolo_fer.errors import FileFault, ImageError
from yolo_fer.images.decoding import decode, decode_reduced
from yolo_fer.images.pixels import Image

MAX_BYTES = 1 << 30
"""Of an image file."""


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
