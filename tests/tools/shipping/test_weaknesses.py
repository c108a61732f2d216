from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.helpers.graphs import raw_output, write_constant
from tools.shipping.weaknesses import ROWS, Trial, draw_weaknesses
from yolo_fer import images
from yolo_fer.detector import Detector
from yolo_fer.emotions import Emotion


def test_each_trial_is_a_scene_of_its_own_and_always_the_same() -> None:
    scenes = [trial.scene() for _, trials in ROWS for trial in trials]
    assert all(scene.shape == (416, 416, 3) for scene in scenes)
    assert len({scene.tobytes() for scene in scenes}) == len(scenes)
    trial = Trial("again", Emotion.FEAR, side=60)
    np.testing.assert_array_equal(trial.scene(), trial.scene())


def test_the_picture_shows_every_trial(tmp_path: Path) -> None:
    # a network that sees the same happy face everywhere, in the middle of each scene
    face = ((143, 143, 273, 273), {Emotion.HAPPINESS: 0.9})
    weights = write_constant(tmp_path / "one.onnx", raw_output(face))
    draw_weaknesses(Detector(weights), tmp_path / "picture.png")
    picture = images.read(tmp_path / "picture.png")
    yellow = (np.abs(picture.astype(int) - [66, 228, 240]).max(axis=2) < 40).sum()
    assert picture.shape[0] > 700
    assert yellow > len(ROWS) * 7 * 100, "a box in the colour of happiness on each"
