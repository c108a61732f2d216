from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.drawn_crops import drawn_photograph
from tests.helpers.meters import write_brightness_meter
from yolo_fer import images
from yolo_fer.boxes import iou
from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.errors import ImageError, UsageError, YoloFerError, YoloFerWarning
from yolo_fer.faces.retinaface import RetinaFace
from yolo_fer.two_stage.classifier import Classifier
from yolo_fer.two_stage.conventions import to_expw
from yolo_fer.two_stage.cutting import cut_squares
from yolo_fer.two_stage.pipeline import TwoStage, load_pipeline

DARK_TO_BRIGHT = EMOTION_NAMES


@pytest.fixture(scope="module")
def finder() -> RetinaFace:
    pytest.importorskip("onnxruntime")
    return RetinaFace(threads=1)


@pytest.fixture(scope="module")
def meter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_brightness_meter(tmp_path_factory.mktemp("weights") / "meter.onnx")


@pytest.fixture(scope="module")
def photograph() -> np.ndarray:
    return drawn_photograph(Emotion.HAPPINESS, 1, (110,))


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


def test_all_faces_of_a_group_are_found_the_best_first(finder: RetinaFace, meter: Path) -> None:
    faces = [drawn_photograph(Emotion(i % 7), i, (110,)) for i in range(6)]
    group = np.concatenate([np.concatenate(faces[:3], 1), np.concatenate(faces[3:], 1)])
    prediction = TwoStage(finder, Classifier(meter))(group)
    scores = [face.score for face in prediction.faces]
    assert len(scores) >= 5
    assert scores == sorted(scores, reverse=True)
    one = TwoStage(finder, Classifier(meter), max_faces=1)(group)
    assert len(one.faces) == 1


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


def test_an_image_without_a_face_has_none(meter: Path) -> None:
    blank = np.full((120, 160, 3), 90, np.uint8)
    speck = np.full((1, 1, 3), 90, np.uint8)
    first, second = load_pipeline(f"retinaface+{meter}").predict([blank, speck])
    assert first.faces == second.faces == ()
    assert (second.width, second.height) == (1, 1)


def test_tiny_faces_and_grey_and_alpha_files_are_named(
    meter: Path, tmp_path: Path, photograph: np.ndarray
) -> None:
    import cv2

    system = load_pipeline(f"retinaface+{meter}", conf=0.01)
    small = cv2.resize(photograph, (32, 24), interpolation=cv2.INTER_AREA)
    assert all(len(face.scores) == 7 for face in system(small).faces)
    cv2.imwrite(str(tmp_path / "grey.png"), cv2.cvtColor(photograph, cv2.COLOR_BGR2GRAY))
    cv2.imwrite(str(tmp_path / "alpha.png"), cv2.cvtColor(photograph, cv2.COLOR_BGR2BGRA))
    for name in ("grey.png", "alpha.png"):
        prediction = system(tmp_path / name)
        assert prediction.faces
        assert prediction.source == str(tmp_path / name)


def test_an_array_that_is_no_image_is_refused(meter: Path) -> None:
    with pytest.raises(ImageError, match="shape"):
        load_pipeline(f"retinaface+{meter}")(np.zeros((10, 10), np.uint8))


def test_conf_filters_on_the_score_and_loses_nothing_above_it(
    meter: Path, photograph: np.ndarray
) -> None:
    everything = load_pipeline(f"retinaface+{meter}", conf=0.001)(photograph).faces
    best = everything[0].score
    assert load_pipeline(f"retinaface+{meter}", conf=best - 1e-6)(photograph).faces == (
        everything[0],
    )
    assert load_pipeline(f"retinaface+{meter}", conf=min(1, best + 0.01))(photograph).faces == ()


def test_imgsz_is_what_the_finder_sees_and_boxes_stay_those_of_the_image(
    meter: Path, photograph: np.ndarray
) -> None:
    small = load_pipeline(f"retinaface+{meter}", imgsz=160)(photograph)
    whole = load_pipeline(f"retinaface+{meter}")(photograph)
    boxes = [np.array([p.faces[0].box]) for p in (small, whole)]
    assert iou(*boxes).item() > 0.8
    assert small.faces[0].box != whole.faces[0].box


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


@pytest.mark.parametrize(("name", "value"), [("conf", 1.5), ("conf", -0.1), ("imgsz", 0)])
def test_an_argument_out_of_range_is_wrong_usage(meter: Path, name: str, value: float) -> None:
    with pytest.raises(UsageError, match=name):
        load_pipeline(f"retinaface+{meter}", **{name: value})  # type: ignore[arg-type]


def test_a_whole_classifier_says_nothing(finder: RetinaFace, meter: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        TwoStage(finder, Classifier(meter))


def test_a_photograph_from_a_file(meter: Path, tmp_path: Path, photograph: np.ndarray) -> None:
    (tmp_path / "a.jpg").write_bytes(images.encode_jpeg(photograph))
    assert load_pipeline(f"retinaface+{meter}")(tmp_path / "a.jpg").faces
