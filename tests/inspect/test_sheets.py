from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from yolo_fer.dataset.samples import Box, Face
from yolo_fer.emotions import Emotion
from yolo_fer.inspect.sampling import SampledFace
from yolo_fer.inspect.sheets import draw_sheet
from yolo_fer.palette import BGR


@pytest.mark.parametrize("corner", [(0, 0), (330, 10), (170, 130), (340, 240)])
def test_the_frame_lies_around_the_face_wherever_it_is(
    tmp_path: Path, corner: tuple[int, int]
) -> None:
    x, y = corner
    image = np.full((300, 400, 3), 255, np.uint8)
    image[y : y + 60, x : x + 60] = (30, 30, 30)
    path = tmp_path / "face.png"
    cv2.imencode(".png", image)[1].tofile(path)
    face = Face(Box(x, y, x + 60, y + 60), Emotion.SADNESS)
    sheet = draw_sheet(
        [SampledFace(path, "images/train/face.jpg", "g", False, 0, (face,))], "title"
    )
    tile = sheet[36 : 36 + 240, 6 : 6 + 240].astype(int)
    dark = np.argwhere((np.abs(tile - 30) < 6).all(axis=2))
    frame = np.argwhere((tile == BGR[Emotion.SADNESS]).all(axis=2))
    assert len(dark) > 1000
    assert np.abs(dark.min(axis=0) - frame.min(axis=0)).max() <= 25  # the name lies above it
    assert np.abs(dark.max(axis=0) - frame.max(axis=0)).max() <= 25
    assert (frame.min(axis=0) <= dark.min(axis=0) + 3).all()


def test_masked_ignored_and_labelled_faces_look_different(tmp_path: Path) -> None:
    path = tmp_path / "face.png"
    cv2.imencode(".png", np.full((100, 100, 3), 128, np.uint8))[1].tofile(path)
    box = Box(30, 30, 70, 70)
    sheets = [
        draw_sheet([SampledFace(path, "a/b/a.jpg", "g", masked, 0, (Face(box, emotion),))], "t")
        for emotion, masked in ((None, False), (None, True), (Emotion.FEAR, False))
    ]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert (sheets[a] != sheets[b]).any(axis=2).sum() > 50


def test_a_face_in_a_long_panorama_is_shown(tmp_path: Path) -> None:
    image = np.full((60, 40_000, 3), 255, np.uint8)
    image[10:50, 39_900:39_940] = 30
    path = tmp_path / "wide.png"
    cv2.imencode(".png", image)[1].tofile(path)
    wide = Face(Box(39_900, 10, 39_940, 50), Emotion.SADNESS)
    sheet = draw_sheet([SampledFace(path, "a/b/wide.jpg", "g", False, 0, (wide,))], "title")
    assert (sheet[36 : 36 + 240, 6 : 6 + 240] == 30).all(axis=2).sum() > 1000
