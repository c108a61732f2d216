"""FER2013 as its users have it: rows of a CSV file, and the votes of FER+."""

from __future__ import annotations

from pathlib import Path

import cv2

from tests.helpers.drawn_crops import drawn_crop
from yolo_fer.convert.fer2013_source import CHOICES
from yolo_fer.emotions import Emotion

HEADER = "emotion,pixels,Usage"
VOTES_HEADER = "Usage,Image name," + ",".join(CHOICES[:-1]) + ",NF"


def pixels(seed: int) -> str:
    grey = cv2.cvtColor(drawn_crop(Emotion(seed % 7), seed), cv2.COLOR_BGR2GRAY)
    return " ".join(map(str, grey.ravel().tolist()))


def row(seed: int, emotion: int | str | None = None, usage: str = "Training") -> str:
    return f"{seed % 7 if emotion is None else emotion},{pixels(seed)},{usage}"


def votes(usage: str = "Training", **counts: int) -> str:
    return ",".join([usage, "fer.png", *(str(counts.get(choice, 0)) for choice in CHOICES)])


class Files:
    """Writes fer2013.csv and the votes of FER+ into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def table(self, *rows: str, header: str = HEADER) -> Path:
        path = self.folder / "fer2013.csv"
        path.write_text("\n".join([header, *rows]) + "\n")
        return path

    def votes(self, *rows: str) -> Path:
        path = self.folder / "fer2013new.csv"
        path.write_text("\n".join([VOTES_HEADER, *rows]) + "\n")
        return path
