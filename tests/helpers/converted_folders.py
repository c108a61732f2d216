"""Folders of drawn images, and their conversion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2

from tests.helpers.converted import contents
from tests.helpers.drawn_crops import drawn_crop, drawn_photograph
from yolo_fer.convert.folders import FoldersOptions, convert_folders
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.emotions import Emotion
from yolo_fer.images import Image

ALL_TRAIN = FoldersOptions(shares=SplitShares(0.0, 0.0))


class Tree:
    """Writes images into folders below a root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()

    def add(self, file: str, image: Image | bytes) -> Path:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(image, bytes):
            path.write_bytes(image)
        else:
            cv2.imencode(path.suffix, image)[1].tofile(path)
        return path

    def crop(self, file: str, seed: int, emotion: Emotion = Emotion.HAPPINESS) -> Path:
        return self.add(file, drawn_crop(emotion, seed))

    def photograph(self, file: str, seed: int, faces: tuple[float, ...] = (90,)) -> Path:
        return self.add(file, drawn_photograph(Emotion.HAPPINESS, seed, faces))


def convert(tree: Tree, out: Path, options: FoldersOptions = ALL_TRAIN) -> dict[str, Any]:
    before = contents(tree.root)
    report = convert_folders(tree.root, out, options)
    assert report is not None
    assert contents(tree.root) == before, "a source file changed"
    assert report["rows_in"] == report["faces_out"] + sum(report["dropped"].values())
    return report
