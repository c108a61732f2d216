"""One small picture as a file of any format, whole or not, and why it is refused."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image as PillowImage

from yolo_fer import images
from yolo_fer.errors import ImageError


def picture(width: int = 60, height: int = 40) -> PillowImage.Image:
    """Black, red at the top left and green at the bottom right."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 3] = (255, 0, 0)
    pixels[height // 2 :, -width // 3 :] = (0, 255, 0)
    return PillowImage.fromarray(pixels)


def saved(kind: str, image: PillowImage.Image | None = None, **how: object) -> bytes:
    file = io.BytesIO()
    (image or picture()).save(file, kind, **how)  # type: ignore[arg-type]
    return file.getvalue()


def is_upright(image: images.Image) -> bool:
    """Red at the top left and green at the bottom right, in BGR."""
    red, green = image[5, 5].astype(int), image[-5, -5].astype(int)
    return bool(red[2] > 180 > red[1] + 80 and green[1] > 180 > green[2] + 80)


def reason(data: bytes) -> str:
    """Return why a file is no image that can be used."""
    with pytest.raises(ImageError) as caught:
        images.decode(data)
    return caught.value.reason


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def resized(jpeg: bytes, width: int, height: int) -> bytes:
    """A JPEG file that claims another size, and is grey where its data end."""
    at = max(jpeg.find(frame) for frame in (b"\xff\xc0", b"\xff\xc2")) + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]
