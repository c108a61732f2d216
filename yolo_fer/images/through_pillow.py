"""Images that OpenCV does not read as viewers do: AVIF, whose orientation it ignores, and HEIC."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ImageOps
from PIL.AvifImagePlugin import AvifImageFile

from yolo_fer.errors import FileFault, ImageError

THROUGH_PILLOW = frozenset({"AVIF", "HEIF"})


def decode_through_pillow(data: bytes, kind: str) -> NDArray[np.uint8]:
    """Decode to (height, width, 3) BGR, upright.

    Raises:
        ImageError: `corrupt_image`, or `unsupported_image` if a package for HEIC is missing.
    """
    try:
        if kind == "HEIF":
            # libheif turns and mirrors by itself
            upright = open_heif(data).to_pillow()
        else:
            upright = ImageOps.exif_transpose(AvifImageFile(io.BytesIO(data), ""))
        return np.asarray(upright.convert("RGB"))[:, :, ::-1].copy()
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError) as error:
        raise ImageError(
            FileFault.CORRUPT_IMAGE, f"the {kind} image cannot be decoded ({error})"
        ) from error


def open_heif(data: bytes) -> Any:
    """Open a HEIC file, without decoding it.

    Raises:
        ImageError: `unsupported_image`, if the package that reads it is not installed.
    """
    try:
        import pillow_heif
    except ImportError as error:
        raise ImageError(
            FileFault.UNSUPPORTED_IMAGE,
            "reading HEIC needs the package 'pillow-heif', which is not installed. "
            "Install it with: pip install pillow-heif",
        ) from error
    return pillow_heif.open_heif(data, convert_hdr_to_8bit=True)
