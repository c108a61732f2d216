"""Photographs with faces, for tests; they come with Ultralytics."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from yolo_fer import images
from yolo_fer.images import Image

# where the two men's faces are in zidane.jpg, read off by eye: left, top, right, bottom
ZIDANE_FACES = ((555, 250, 665, 425), (912, 95, 1055, 280))


def photograph(name: str) -> Image:
    spec = find_spec("ultralytics")  # found, not imported: that takes seconds
    if spec is None or spec.origin is None:
        pytest.skip("Ultralytics, whose photographs this test looks at, is not installed")
    return images.read(Path(spec.origin).parent / "assets" / name)
