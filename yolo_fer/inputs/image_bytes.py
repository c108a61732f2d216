"""Images that are no files: at an address, in an open file, from standard input."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Protocol, TypeAlias, runtime_checkable

from yolo_fer.errors import FileFault, ImageError
from yolo_fer.images import MAX_BYTES, Image, decode_reduced, read_reduced
from yolo_fer.inputs.addresses import without_password
from yolo_fer.inputs.image_address import fetch_image
from yolo_fer.inputs.listing import ImageInput
from yolo_fer.inputs.object_store import is_object, read_object

Decoded: TypeAlias = tuple[Image, tuple[int, int]]
"""The pixels of an image, which may be reduced, and its width and height in full."""
Before: TypeAlias = Callable[[int], None]
"""Called with the bytes of the decoded image before they are there."""


@runtime_checkable
class Readable(Protocol):
    """A file that is open for reading bytes, or something like it."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most so many bytes."""


def read_input(item: ImageInput, before: Before | None = None) -> Decoded:
    """Read an image that a user named.

    Raises:
        ImageError: if it cannot be read, as `read_reduced` and `fetch_image`.
    """
    if item.address is not None:
        return read_address(item.address, before)
    if not item.is_stdin:
        return read_reduced(item.path, before)
    try:
        return decode_reduced(read_open(sys.stdin.buffer), before)
    except ImageError as error:
        raise ImageError(error.reason, f"standard input: {error}") from error


def read_address(address: str, before: Before | None = None) -> Decoded:
    """Fetch and decode the image at an address.

    Raises:
        ImageError: as `fetch_image` and `decode_reduced`; it names the address.
    """
    shown = without_password(address)
    try:
        fetch = _fetch_object if is_object(address) else fetch_image
        return decode_reduced(fetch(address), before)
    except ImageError as error:
        message = str(error) if shown in str(error) else f"{shown}: {error}"
        raise ImageError(error.reason, message) from error


def _fetch_object(address: str) -> bytes:
    try:
        return read_open(io.BytesIO(read_object(address, MAX_BYTES + 1)))
    except FileNotFoundError as error:
        raise ImageError(FileFault.MISSING_IMAGE, str(error.strerror)) from error
    except OSError as error:
        text = f"it cannot be read ({error.strerror})"
        raise ImageError(FileFault.UNREADABLE_IMAGE, text) from error


def read_open(file: Readable) -> bytes:
    """Read an open file to its end.

    Raises:
        ImageError: if it cannot be read, is open for text, or has more than `MAX_BYTES`.
    """
    try:
        data: object = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # it is closed, or open for writing
        raise ImageError(
            FileFault.UNREADABLE_IMAGE, f"the file cannot be read ({error})"
        ) from error
    if not isinstance(data, bytes):
        kind = type(data).__name__
        raise ImageError(
            FileFault.NOT_AN_IMAGE, f"the file returns {kind} and not bytes; open it with mode 'rb'"
        )
    if len(data) > MAX_BYTES:
        raise ImageError(
            FileFault.IMAGE_TOO_LARGE, f"the file has more than {MAX_BYTES / 1e9:.1f} GB"
        )
    return data
