"""MTCNN with an expression head finds faces and names them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.mtcnn_files import random_cascade
from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.faces.mtcnn.cascade import Cascade
from yolo_fer.two_stage.mtcnn_expressions import MtcnnFer

# Networks with random weights take many windows for faces.
IMAGE = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
ALL_PASS = {"threshold": 0.001}


def test_an_emotion_scores_as_the_face_does_times_its_probability(tmp_path: Path) -> None:
    path = random_cascade(tmp_path / "mine.onnx", EMOTION_NAMES, thresholds=(0.0, 0.0))
    found = Cascade(path, threads=1, **ALL_PASS).find(IMAGE)
    faces = MtcnnFer(path, threads=1, **ALL_PASS)(IMAGE).faces
    assert len(faces) == min(300, len(found.boxes)) > 0
    assert faces[0].score == pytest.approx(found.scores[0], abs=1e-6)
    assert faces[0].scores == pytest.approx(found.scores[0] * found.emotions[0], abs=1e-6)


def test_its_classes_are_mapped_by_name_and_an_absent_one_scores_0(tmp_path: Path) -> None:
    names = (*EMOTION_NAMES[::-1][:6], "contempt")
    path = random_cascade(tmp_path / "mine.onnx", names, thresholds=(0.0, 0.0))
    found = Cascade(path, threads=1, **ALL_PASS).find(IMAGE)
    face = MtcnnFer(path, threads=1, **ALL_PASS)(IMAGE).faces[0]
    assert face.scores[Emotion.NEUTRAL] == pytest.approx(
        found.scores[0] * found.emotions[0][0], abs=1e-6
    )
    assert face.scores[Emotion.ANGER] == 0


def test_it_has_the_name_of_its_file_and_its_hash(tmp_path: Path) -> None:
    path = random_cascade(tmp_path / "mine.onnx", EMOTION_NAMES)
    system = MtcnnFer(path, threads=1)
    assert system.name == "mine"
    assert system.parts[0].weights_sha256 == Cascade(path).weights_sha256


def test_a_cascade_that_only_finds_faces_is_told_how_to_name_them(tmp_path: Path) -> None:
    with pytest.raises(YoloFerError, match=r"`pipeline=mtcnn\+CLASSIFIER`"):
        MtcnnFer(random_cascade(tmp_path / "mine.onnx"))


def test_a_cascade_of_other_classes_or_an_impossible_score_is_refused(tmp_path: Path) -> None:
    with pytest.raises(YoloFerError, match=r"mine\.onnx.*none of the classes"):
        MtcnnFer(random_cascade(tmp_path / "mine.onnx", ("cat", "dog", *"abcde")))
    path = random_cascade(tmp_path / "mine.onnx", EMOTION_NAMES)
    with pytest.raises(UsageError, match="conf must lie between"):
        MtcnnFer(path, conf=1.5)
