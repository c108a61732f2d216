"""Builders of small raw datasets of drawn people that have one labelled face in each image."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tests.helpers.drawn_crops import drawn_crop, drawn_photograph
from yolo_fer.emotions import Emotion
from yolo_fer.images import Image


def write_image(path: Path, image: Image | bytes) -> Path:
    """Write pixels, or bytes as they are, to a file whose folder may be missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(image if isinstance(image, bytes) else encoded(image, path.suffix))
    return path


def encoded(image: Image, suffix: str = ".jpg") -> bytes:
    """Return the file of an image."""
    return cv2.imencode(suffix, image)[1].tobytes()


class RawRafdb:
    """Writes RAF-DB's official layout below a root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.base = root / "basic"
        (self.base / "EmoLabel").mkdir(parents=True)
        self.lines: list[str] = []

    def aligned(self, stem: str, seed: int, label: int | str = 4) -> Path:
        """Add a row with its aligned face."""
        self.lines.append(f"{stem}.jpg {label}")
        path = self.base / "Image" / "aligned" / f"{stem}_aligned.jpg"
        return write_image(path, drawn_crop(Emotion.HAPPINESS, seed, 100))

    def original(self, stem: str, seed: int, box: str | None, label: int = 4) -> Path:
        """Add a row with its photograph, whose second, smaller face has no label."""
        self.lines.append(f"{stem}.jpg {label}")
        if box is not None:
            folder = self.base / "Annotation" / "boundingbox"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{stem}_boundingbox.txt").write_text(box)
        photograph = drawn_photograph(Emotion.HAPPINESS, seed, (90, 50))
        return write_image(self.base / "Image" / "original" / f"{stem}.jpg", photograph)

    def write(self) -> Path:
        """Write the label file and return the root."""
        path = self.base / "EmoLabel" / "list_patition_label.txt"
        path.write_text("\r\n".join(self.lines) + "\r\n")
        return self.root


def release_2021(root: Path, name: str, number: int, label: Any, image: bool = True) -> None:
    """Add a face to AffectNet's release of 2021; None is a face without an annotation."""
    folder = root / name
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    (folder / "images").mkdir(exist_ok=True)
    if image:
        write_image(folder / "images" / f"{number}.jpg", drawn_crop(Emotion.HAPPINESS, number, 96))
    if label is not None:
        np.save(folder / "annotations" / f"{number}_exp.npy", np.array(label))


def write_csv(path: Path, rows: list[list[Any]]) -> None:
    """Write a CSV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
