"""A builder of small ExpW folders, good and bad."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from yolo_fer.images import Image


def picture(seed: int, width: int = 120, height: int = 90) -> Image:
    """A smooth random picture: no two seeds look alike, even shrunk."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


class RawExpw:
    """Writes `image/origin` and `label/label.lst` below a root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.images = root / "image" / "origin"
        self.images.mkdir(parents=True)
        (root / "label").mkdir()
        self.lines: list[str] = []

    def image(self, name: str, image: Image | bytes | int) -> Path:
        """Write an image: pixels, raw bytes, or the seed of a picture."""
        path = self.images / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(image, int):
            image = picture(image)
        if isinstance(image, bytes):
            path.write_bytes(image)
        else:
            cv2.imencode(path.suffix, image)[1].tofile(path)
        return path

    def row(
        self,
        name: str,
        box: tuple[float, float, float, float] = (10, 10, 60, 60),
        label: int | str = 3,
        score: float | str = 80,
    ) -> None:
        """Add a row for a face whose box is left, top, right, bottom."""
        left, top, right, bottom = box
        self.lines.append(f"{name} 0 {top} {left} {right} {bottom} {score} {label}")

    def face(self, name: str, seed: int, **row: object) -> None:
        """Add an image with one face."""
        self.image(name, seed)
        self.row(name, **row)  # type: ignore[arg-type]

    def write(self, newline: str = "\n", prefix: bytes = b"", end: str = "\n") -> Path:
        """Write label.lst and return the root."""
        text = newline.join(self.lines) + end
        (self.root / "label" / "label.lst").write_bytes(prefix + text.encode())
        return self.root
