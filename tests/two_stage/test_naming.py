"""From a classifier's own classes to the seven expressions."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.meters import write_brightness_meter
from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.errors import YoloFerError, YoloFerWarning
from yolo_fer.faces.retinaface import RetinaFace
from yolo_fer.two_stage.classifier import Classifier
from yolo_fer.two_stage.conventions import to_expw
from yolo_fer.two_stage.pipeline import TwoStage

DARK_TO_BRIGHT = EMOTION_NAMES


def test_the_crop_grows_with_the_margin_of_the_classifier(
    finder: RetinaFace, tmp_path: Path, photograph: np.ndarray
) -> None:
    """Around the face it is made dark, so that a wider crop is darker."""
    (found,) = finder.find([photograph])
    x1, y1, x2, y2 = to_expw("retinaface", found.boxes)[0].clip(0).round().astype(int)
    dark = np.zeros_like(photograph)
    dark[y1:y2, x1:x2] = photograph[y1:y2, x1:x2]
    levels = []
    for margin in (1.0, 1.5, 2.2):
        path = write_brightness_meter(tmp_path / f"{margin}.onnx", margin=margin)
        (face,) = TwoStage(finder, Classifier(path))(dark).faces
        scores = np.array(face.scores) / sum(face.scores)
        levels.append(scores @ np.arange(7))
    assert levels[0] > levels[1] > levels[2]


def test_contempt_is_dropped_and_the_others_are_renormalised(
    finder: RetinaFace, tmp_path: Path, photograph: np.ndarray
) -> None:
    names = (*DARK_TO_BRIGHT[:4], "contempt", *DARK_TO_BRIGHT[4:])
    path = write_brightness_meter(tmp_path / "eight.onnx", names, steepness=1)
    with pytest.warns(YoloFerWarning, match="contempt"):
        system = TwoStage(finder, Classifier(path))
    (face,) = system(photograph).faces
    (found,) = finder.find([photograph])
    assert sum(face.scores) == pytest.approx(found.scores[0], abs=1e-5)
    assert min(face.scores) > 0


def test_an_emotion_without_a_class_scores_0_and_a_warning_says_so(
    finder: RetinaFace, tmp_path: Path, photograph: np.ndarray
) -> None:
    names = ("Happy", "sad", "surprised", "angry", "calm")
    path = write_brightness_meter(tmp_path / "five.onnx", names, steepness=1)
    with pytest.warns(YoloFerWarning, match="no class for disgust, fear"):
        system = TwoStage(finder, Classifier(path))
    (face,) = system(photograph).faces
    assert [face.scores[e] == 0 for e in Emotion] == [e in (1, 2) for e in Emotion]


def test_a_classifier_of_something_else_is_refused(finder: RetinaFace, tmp_path: Path) -> None:
    path = write_brightness_meter(tmp_path / "animals.onnx", ("cat", "dog"))
    with pytest.raises(YoloFerError, match=r"animals.*none of the classes"):
        TwoStage(finder, Classifier(path))


def test_a_whole_classifier_says_nothing(finder: RetinaFace, meter: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        TwoStage(finder, Classifier(meter))
