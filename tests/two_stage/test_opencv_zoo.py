"""OpenCV Zoo's classifier: a network of another, which sees aligned faces one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.helpers.drawn_crops import drawn_photograph
from tests.helpers.meters import write_brightness_meter
from tests.helpers.research_data import research_data
from yolo_fer.emotions import Emotion
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.evaluate.compare.systems import default_choices
from yolo_fer.faces.retinaface import RetinaFace
from yolo_fer.two_stage import opencv_zoo
from yolo_fer.two_stage.classifier import Classifier
from yolo_fer.two_stage.pipeline import TwoStage, load_pipeline
from yolo_fer.weights.hashes import sha256_of
from yolo_fer.weights.store import get_entry

LOGITS = (0.0, 1.0, 2.0, 9.0, 3.0, 1.0, 0.0)  # the fourth is "happy"


def write_network(path: Path) -> Path:
    """Write a network with the Zoo's input and output; a dark crop makes "angry" the largest."""
    weights = np.zeros((3, 7), np.float32)
    weights[:, 0] = -40
    initialisers = [
        numpy_helper.from_array(weights, "weights"),
        numpy_helper.from_array(np.array(LOGITS, np.float32), "bias"),
    ]
    nodes = [
        helper.make_node("GlobalAveragePool", ["data"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["level"]),
        helper.make_node("Gemm", ["level", "weights", "bias"], ["label"]),
    ]
    data = helper.make_tensor_value_info("data", TensorProto.FLOAT, [1, 3, 112, 112])
    label = helper.make_tensor_value_info("label", TensorProto.FLOAT, [1, 7])
    graph = helper.make_graph(nodes, "zoo", [data], [label], initialisers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.save(model, str(path))
    return path


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that passes for the Zoo's."""
    path = write_network(tmp_path / "zoo.onnx")
    own = sha256_of(path)
    monkeypatch.setattr(opencv_zoo, "is_opencv_zoo", lambda sha256: sha256 == own)
    return path


def test_its_answers_become_probabilities_of_its_own_classes(network: Path) -> None:
    classifier = Classifier(network)
    bright, dark = (np.full((50, 40, 3), level, np.uint8) for level in (255, 0))
    probabilities = classifier.classify([bright, dark, bright])
    assert probabilities.shape == (3, 7)
    assert probabilities.sum(axis=1) == pytest.approx([1, 1, 1])
    named = [classifier.names[i] for i in probabilities.argmax(axis=1)]
    assert named == ["happy", "angry", "happy"]
    powers = np.exp(np.array(LOGITS)[1:])
    assert probabilities[0, 1:] == pytest.approx(powers / powers.sum(), abs=1e-6)
    assert Classifier(network, flip=True).classify([bright]) == pytest.approx(probabilities[:1])


@pytest.mark.parametrize(("enlarged", "imgsz"), [(1, None), (3, 320)])
def test_each_face_is_shown_aligned_by_the_finder_s_landmarks(
    network: Path, enlarged: int, imgsz: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    photograph = drawn_photograph(Emotion.HAPPINESS, 1, (110,))
    seen = np.repeat(np.repeat(photograph, enlarged, axis=0), enlarged, axis=1)
    finder, classifier = RetinaFace(threads=1), Classifier(network)
    crops: list[np.ndarray] = []
    classify = classifier.classify
    monkeypatch.setattr(classifier, "classify", lambda own: (crops.extend(own), classify(own))[1])
    (face,) = TwoStage(finder, classifier, imgsz=imgsz)(seen).faces
    assert sum(face.scores) == pytest.approx(finder.find([photograph])[0].scores[0], abs=0.01)
    (again,) = finder.find([np.pad(crops[0], ((80, 80), (80, 80), (0, 0)))])
    assert crops[0].shape == (112, 112, 3)
    assert again.landmarks is not None
    assert np.abs(again.landmarks[0] - 80 - opencv_zoo.LANDMARKS).max() < 8


def test_a_finder_without_landmarks_is_refused_with_those_that_have_them(network: Path) -> None:
    with pytest.raises(UsageError, match="haar does not give; use one of the finders retinaface"):
        load_pipeline(f"haar+{network}", device="cpu")


def test_it_can_be_averaged_with_a_classifier_of_squares(network: Path, tmp_path: Path) -> None:
    meter = write_brightness_meter(tmp_path / "meter.onnx")
    system = load_pipeline(f"retinaface+{network}+{meter}", device="cpu")
    (face,) = system(drawn_photograph(Emotion.HAPPINESS, 1, (110,))).faces
    assert system.name == "retinaface+zoo+meter"
    assert 0 < sum(face.scores) <= 1


def test_a_network_that_is_not_known_is_refused(tmp_path: Path) -> None:
    path = write_network(tmp_path / "stranger.onnx")
    with pytest.raises(YoloFerError, match="not a classifier of faces"):
        Classifier(path)


def test_it_has_a_name_that_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOLO_FER_CACHE", str(tmp_path))
    with pytest.raises(YoloFerError, match="yolo-fer weights get opencv-zoo-fer"):
        load_pipeline("retinaface+opencv-zoo-fer", device="cpu")
    assert "retinaface+opencv-zoo-fer-int8" not in [c.pipeline for c in default_choices()]


def test_the_real_one_is_compared_where_it_is_here_and_names_faces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = research_data("weights/opencv-zoo-fer-mobilefacenet-int8.onnx")
    monkeypatch.setenv("YOLO_FER_CACHE", str(tmp_path))
    (tmp_path / get_entry("opencv-zoo-fer-int8").file).write_bytes(file.read_bytes())
    assert "retinaface+opencv-zoo-fer-int8" in [c.pipeline for c in default_choices()]
    system = load_pipeline("retinaface+opencv-zoo-fer-int8", device="cpu", threads=1)
    (face,) = system(drawn_photograph(Emotion.HAPPINESS, 1, (110,))).faces
    assert face.emotion is Emotion.HAPPINESS
