"""Photographs with faces, for tests; they come with Ultralytics."""

from __future__ import annotations

import io
import struct
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image as Pillow

from yolo_fer import images
from yolo_fer.images import Image

# where the two men's faces are in zidane.jpg, read off by eye: left, top, right, bottom
ZIDANE_FACES = ((555, 250, 665, 425), (912, 95, 1055, 280))


def photograph(name: str) -> Image:
    spec = find_spec("ultralytics")  # found, not imported: that takes seconds
    if spec is None or spec.origin is None:
        pytest.skip("Ultralytics, whose photographs this test looks at, is not installed")
    return images.read(Path(spec.origin).parent / "assets" / name)


def write_grey(path: Path, size: tuple[int, int] = (40, 60), level: int = 128) -> Path:
    """Write an even grey image of (height, width)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Pillow.new("RGB", (size[1], size[0]), (level, level, level)).save(path)
    return path


def write_huge(path: Path) -> Path:
    """Write a small JPEG file that claims 108 million pixels, and is grey where its data end."""
    file = io.BytesIO()
    Pillow.new("RGB", (600, 450), (128, 128, 128)).save(file, "JPEG")
    data = file.getvalue()
    at = data.find(b"\xff\xc0") + 5
    path.write_bytes(data[:at] + struct.pack(">HH", 9_000, 12_000) + data[at + 4 :])
    return path
