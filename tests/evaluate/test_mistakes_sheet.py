"""The sheet of the worst mistakes, of images of any shape."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.helpers.pictures import write_grey
from yolo_fer import images
from yolo_fer.dataset.evaluation_set import LabelledImage
from yolo_fer.dataset.labels import TrueFaces
from yolo_fer.emotions import Emotion
from yolo_fer.evaluate.mistakes import Mistake, Mistakes
from yolo_fer.evaluate.mistakes_sheet import draw_mistakes


def test_a_face_in_a_long_panorama_is_shown(tmp_path: Path) -> None:
    path = write_grey(tmp_path / "wide.png", (60, 40_000), level=30)
    image = LabelledImage(path, "wide.png", 1, "", "", (40_000, 60), TrueFaces.of([], []))
    box = np.array([39_900.0, 10, 39_940, 50])
    missed = Mistake(image, box, Emotion.SADNESS, None, None)
    draw_mistakes(tmp_path / "sheet.jpg", (Mistakes("missed", (missed,)),))
    tile = images.read(tmp_path / "sheet.jpg")[30 : 30 + 144, 4 : 4 + 144].astype(int)
    # The image is 60 of the tile's 76 pixels high; beyond it the tile is light.
    assert (abs(tile - 30) < 20).all(axis=2).mean() > 0.6
    assert (abs(tile[:8] - 225) < 20).all(axis=2).mean() > 0.6
