from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.helpers.callers import assert_callers_do_not_meet
from tests.helpers.drawn_crops import drawn_crop
from tests.helpers.meters import write_brightness_meter
from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.errors import ImageError, UsageError, YoloFerError
from yolo_fer.train.classifier.exporting import write_onnx
from yolo_fer.train.classifier.torch_networks import build_network
from yolo_fer.two_stage.classifier import Classifier, Description

GREY = Description("compact-resnet", 32, 1, (0.5,), (0.25,), 1.2, EMOTION_NAMES)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "mine.onnx"
    write_onnx(build_network("compact-resnet", 1, 7), GREY, path)
    return path


def test_a_classifier_knows_its_name_its_classes_and_its_margin(weights: Path) -> None:
    classifier = Classifier(weights)
    assert (classifier.name, classifier.names) == ("mine", EMOTION_NAMES)
    assert classifier.description == GREY


def test_crops_of_any_size_give_probabilities_in_order_whatever_their_number(
    weights: Path,
) -> None:
    classifier = Classifier(weights)
    crops = [drawn_crop(Emotion(n % 7), n, side=20 + n) for n in range(40)]
    together = classifier.classify(crops)
    assert together.shape == (40, 7)
    np.testing.assert_allclose(together.sum(axis=1), 1, atol=1e-5)
    one_by_one = np.concatenate([classifier.classify([crop]) for crop in crops])
    np.testing.assert_allclose(together, one_by_one, atol=1e-5)


def test_one_classifier_for_several_threads(weights: Path) -> None:
    classifier = Classifier(weights, threads=1)
    crops = [drawn_crop(Emotion(n), n) for n in range(7)]
    assert_callers_do_not_meet(lambda crop: classifier.classify([crop]), crops)


def test_no_crops_give_no_probabilities(weights: Path) -> None:
    assert Classifier(weights).classify([]).shape == (0, 7)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 300, 3), (2000, 3, 3)])
def test_tiny_and_sliver_crops_are_classified(weights: Path, shape: tuple[int, ...]) -> None:
    found = Classifier(weights).classify([np.full(shape, 90, np.uint8)])
    assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        ((48, 48), np.uint8),
        ((48, 48, 4), np.uint8),
        ((48, 48, 3), np.float32),
        ((0, 48, 3), np.uint8),
    ],
)
def test_what_is_no_bgr_crop_is_refused(weights: Path, shape: tuple[int, ...], kind: type) -> None:
    what = f"not {shape} of {kind.__name__}"
    with pytest.raises(ImageError, match=re.escape(what)):
        Classifier(weights).classify([np.zeros(shape, kind)])


def test_flipping_makes_a_face_and_its_mirror_image_the_same(weights: Path) -> None:
    crop = drawn_crop(Emotion.ANGER, 5, side=32)
    mirrored = np.ascontiguousarray(crop[:, ::-1])
    plain, flipping = Classifier(weights), Classifier(weights, flip=True)
    assert not np.allclose(plain.classify([crop]), plain.classify([mirrored]))
    both = flipping.classify([crop])
    np.testing.assert_allclose(both, flipping.classify([mirrored]), atol=1e-5)
    np.testing.assert_allclose(
        both, (plain.classify([crop]) + plain.classify([mirrored])) / 2, atol=1e-5
    )


def test_a_colour_network_sees_red_where_there_is_red() -> None:
    colour = Description("resnet18", 32, 3, (0.0,) * 3, (1.0,) * 3, 1.0, EMOTION_NAMES)
    red = np.zeros((10, 10, 3), np.uint8)
    red[..., 2] = 255
    np.testing.assert_array_equal(colour.input_of(red)[:, 0, 0], [1, 0, 0])


def test_a_network_that_gives_no_numbers_is_an_error_and_no_face_without_emotion(
    tmp_path: Path,
) -> None:
    diverged = Classifier(write_brightness_meter(tmp_path / "a.onnx", steepness=float("nan")))
    with pytest.raises(YoloFerError, match="a gives no numbers"):
        diverged.classify([drawn_crop(Emotion.ANGER, 1)])


def test_weights_too_large_for_16_bits_stay_in_32(tmp_path: Path) -> None:
    network = build_network("compact-resnet", 1, 7)
    with torch.no_grad():
        network[-1].weight.mul_(1e6)
    write_onnx(network, GREY, tmp_path / "large.onnx")
    assert np.isfinite(
        Classifier(tmp_path / "large.onnx").classify([drawn_crop(Emotion.FEAR, 1)])
    ).all()


def test_a_detector_is_refused_as_a_classifier(weights: Path) -> None:
    with pytest.raises(YoloFerError, match="not a classifier of faces"):
        Classifier("yolo-fer-n")


@pytest.mark.parametrize("change", [{"size": 48}, {"names": ("a", "b")}])
def test_a_file_that_holds_another_network_than_it_says_is_refused(
    tmp_path: Path, change: dict[str, object]
) -> None:
    import onnx

    path = tmp_path / "other.onnx"
    write_onnx(build_network("compact-resnet", 1, 7), GREY, path)
    model = onnx.load(path)
    onnx.helper.set_model_props(model, {"yolo_fer": replace(GREY, **change).to_json()})
    onnx.save(model, path)
    with pytest.raises(YoloFerError, match="but holds another network"):
        Classifier(path)


def test_damaged_missing_and_training_files_are_told_apart(tmp_path: Path, weights: Path) -> None:
    (tmp_path / "cut.onnx").write_bytes(weights.read_bytes()[:1000])
    (tmp_path / "best.pt").write_bytes(b"PK")
    with pytest.raises(YoloFerError, match=r"cut\.onnx cannot be opened"):
        Classifier(tmp_path / "cut.onnx")
    with pytest.raises(YoloFerError, match="neither a file nor the name"):
        Classifier("no-such-classifier")
    with pytest.raises(UsageError, match=r"give the \.onnx next to it"):
        Classifier(tmp_path / "best.pt")


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[]",
        '{"task": "detect"}',
        '{"task": "classify"}',
        GREY.to_json().replace('"size": 32', '"size": 0'),
        GREY.to_json().replace('"size": 32', '"size": Infinity'),
        GREY.to_json().replace('"size": 32', '"size": 1000000000'),
        GREY.to_json().replace('"size": 32', '"size": {}'),
        GREY.to_json().replace('"margin": 1.2', '"margin": NaN'),
        GREY.to_json().replace('"margin": 1.2', '"margin": 1e300'),
        GREY.to_json().replace('"mean": [0.5]', '"mean": [NaN]'),
        GREY.to_json().replace('"std": [0.25]', '"std": [Infinity]'),
        GREY.to_json().replace('"names": [', '"names": "anger", "others": ['),
        "[" * 100_000,
        GREY.to_json().replace('"channels": 1', '"channels": 2'),
        GREY.to_json().replace("[0.25]", "[0.0]"),
        GREY.to_json().replace("[0.25]", "null"),
        GREY.to_json().replace("disgust", "anger"),
    ],
)
def test_a_damaged_description_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Description.from_json(text)


def test_a_description_comes_back_as_it_was_written() -> None:
    assert Description.from_json(GREY.to_json()) == GREY
