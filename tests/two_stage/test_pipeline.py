from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.meters import write_brightness_meter
from yolo_fer.boxes import iou
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.errors import UsageError
from yolo_fer.faces.retinaface import RetinaFace
from yolo_fer.two_stage.classifier import Classifier
from yolo_fer.two_stage.conventions import to_expw
from yolo_fer.two_stage.cutting import cut_squares
from yolo_fer.two_stage.pipeline import TwoStage, load_pipeline

DARK_TO_BRIGHT = EMOTION_NAMES


def test_the_faces_of_the_finder_are_named_in_the_convention_of_the_detector(
    finder: RetinaFace, meter: Path, photograph: np.ndarray
) -> None:
    system = TwoStage(finder, Classifier(meter, threads=1))
    prediction = system(photograph)
    (found,) = finder.find([photograph])
    assert len(prediction.faces) == len(found.boxes) == 1
    square = to_expw("retinaface", found.boxes)
    assert iou(np.array([prediction.faces[0].box]), square).item() > 0.9
    face = prediction.faces[0]
    assert face.score == pytest.approx(found.scores[0], abs=1e-9), "that of the finder"
    named = Classifier(meter, threads=1).classify(cut_squares(photograph, square))[0]
    assert face.probabilities == pytest.approx(named, abs=0.02), "those of the classifier"
    assert face.scores == pytest.approx(face.score * np.array(face.probabilities))
    assert (prediction.width, prediction.height) == (320, 240)
    assert system.name == "retinaface+meter"


def test_two_classifiers_are_joined_by_the_mean_of_their_probabilities(
    tmp_path: Path, photograph: np.ndarray
) -> None:
    a = write_brightness_meter(tmp_path / "a.onnx", steepness=5)
    b = write_brightness_meter(tmp_path / "b.onnx", DARK_TO_BRIGHT[::-1], steepness=9, margin=1.2)
    alone = [load_pipeline(f"retinaface+{p}")(photograph).faces[0].scores for p in (a, b)]
    joined = load_pipeline(f"retinaface+{a}+{b}")
    assert joined.name == "retinaface+a+b"
    (face,) = joined(photograph).faces
    assert face.scores == pytest.approx(np.mean(alone, axis=0))


@pytest.mark.parametrize("spec", ["fer-cnn", "retinaface", "nonsense+fer-cnn", "+", ""])
def test_an_unknown_finder_is_wrong_usage_and_the_known_are_listed(spec: str) -> None:
    with pytest.raises(UsageError, match=r"FINDER\+CLASSIFIER.*mtcnn-fer.*retinaface"):
        load_pipeline(spec)


@pytest.mark.parametrize("spec", ["retinaface+fer-cnn", "mtcnn-fer"])
def test_a_shipped_system_has_its_name_and_that_of_its_file(spec: str) -> None:
    by_name, by_file = load_pipeline(spec), load_pipeline(f"{spec}.onnx")
    assert by_name.name == by_file.name == spec


@pytest.mark.parametrize("spec", ["retinaface+nonsense", "retinaface+", "retinaface+no/such.onnx"])
def test_an_unknown_classifier_is_wrong_usage_and_says_what_one_is(spec: str) -> None:
    with pytest.raises(UsageError, match=r"no classifier.*train-classifier"):
        load_pipeline(spec)


def test_a_path_may_hold_the_sign_between_the_parts(tmp_path: Path, meter: Path) -> None:
    path = tmp_path / "a+b.onnx"
    path.write_bytes(meter.read_bytes())
    assert load_pipeline(f"retinaface+{path}").name == "retinaface+a+b"
