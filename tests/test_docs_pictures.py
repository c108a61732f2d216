"""The pictures of README.md and docs/: drawn people, and what the shipped weights say of them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from tests.helpers.pages import ROOT
from yolo_fer import Detector
from yolo_fer.emotions import Emotion
from yolo_fer.images import Image
from yolo_fer.synthetic.scene_drawing import WantedFace, draw_scene

PEOPLE = ROOT / "docs" / "people.jpg"
RESULT = ROOT / "docs" / "result.jpg"
SEED = 76
SHOWN = (Emotion.HAPPINESS, Emotion.SURPRISE, Emotion.NEUTRAL)
SAME = 2.0  # mean difference of the pixels, 0 to 255, that JPEG makes


def read(path: Path) -> Image:
    return np.asarray(cv2.imread(str(path)), np.uint8)


def difference(a: Image, b: Image) -> float:
    return float(np.abs(a.astype(np.int16) - b).mean())


def test_the_people_are_drawn() -> None:
    rng = np.random.default_rng(SEED)
    scene = draw_scene(rng, 720, 360, [WantedFace(emotion) for emotion in SHOWN])
    assert difference(read(PEOPLE), scene.image) < SAME


def test_the_result_is_what_the_shipped_weights_say_of_them(tmp_path: Path) -> None:
    result = Detector()(PEOPLE)
    assert {face.emotion for face in result} == set(SHOWN), "draw other people: change SEED"
    assert difference(read(result.save(tmp_path / "result.jpg")), read(RESULT)) < SAME, (
        "draw it again: python -c 'from yolo_fer import Detector; "
        'Detector()("docs/people.jpg").save("docs/result.jpg", overwrite=True)\''
    )
