"""A detector or a two-stage system, as a user names it, and what figures say of it."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from tests.helpers.graphs import raw_output, write_constant
from yolo_fer import systems
from yolo_fer.detector import Detector
from yolo_fer.errors import UsageError
from yolo_fer.systems import IOU, Choice, SystemOptions, describe
from yolo_fer.two_stage.pipeline import TwoStage
from yolo_fer.weights.hashes import sha256_of


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = raw_output(((80, 80, 160, 160), {3: 0.9}))
    return write_constant(tmp_path_factory.mktemp("weights") / "one.onnx", output)


def test_a_detector_and_a_pipeline_are_not_chosen_at_once() -> None:
    with pytest.raises(UsageError, match="`weights` for a detector or `pipeline`, not both"):
        Choice("a.onnx", "retinaface+fer-cnn")


def test_weights_are_a_detector_and_a_pipeline_is_two_stages(weights: Path, meter: Path) -> None:
    detector = SystemOptions(Choice(str(weights)), conf=0.4, max_faces=7).load()
    assert isinstance(detector, Detector)
    assert (detector.conf, detector.iou, detector.max_faces) == (0.4, IOU, 7)
    system = SystemOptions(Choice(pipeline=f"haar+{meter}"), imgsz=160, max_faces=7).load()
    assert isinstance(system, TwoStage)
    assert (system.imgsz, system.max_faces) == (160, 7)


@pytest.mark.parametrize("argument", [{"iou": 0.4}, {"trust_weights": True}])
def test_what_only_a_detector_has_is_refused_with_a_pipeline(
    argument: dict[str, float], meter: Path
) -> None:
    with pytest.raises(UsageError, match=f"`{next(iter(argument))}` is for `weights`"):
        SystemOptions(Choice(pipeline=f"haar+{meter}"), **argument).load()  # type: ignore[arg-type]


def test_options_load_the_same_system_in_another_process(weights: Path) -> None:
    options = SystemOptions(Choice(str(weights)), imgsz=320, conf=0.1, iou=0.3, max_faces=5)
    system = pickle.loads(pickle.dumps(options)).load()  # noqa: S301
    assert (system.imgsz, system.conf, system.iou, system.max_faces) == (320, 0.1, 0.3, 5)


@pytest.mark.parametrize(("on_gpu", "batch"), [(True, 32), (False, 1)])
def test_several_images_at_once_are_for_a_graphics_card(
    on_gpu: bool, batch: int, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(systems, "runs_on_gpu", lambda path, device: on_gpu)
    system = SystemOptions(Choice(str(weights)), batch=32).load()
    assert isinstance(system, Detector)
    assert system.batch == batch


def test_the_curve_of_a_finder_begins_higher_than_that_of_a_detector() -> None:
    assert Choice().curve_conf < Choice(pipeline="haar+fer-cnn").curve_conf < 0.05


def test_the_argument_that_chooses_a_system_is_told() -> None:
    assert Choice().argument is None
    assert Choice("a.onnx").argument == ("weights", "a.onnx")
    assert Choice(pipeline="haar+a").argument == ("pipeline", "haar+a")


def test_figures_name_every_network_with_its_hash_and_size(weights: Path, meter: Path) -> None:
    choice = Choice(str(weights))
    record = describe(choice, SystemOptions(choice).load())
    assert record.weights_sha256 == sha256_of(weights)
    assert record.weights_bytes == weights.stat().st_size
    assert record.options["iou"] == IOU
    choice = Choice(pipeline=f"haar+{meter}")
    record = describe(choice, SystemOptions(choice).load())
    assert record.weights_sha256 is None
    assert [network.name for network in record.networks] == ["haar", "meter"]
    assert record.options["sha256 of 2, meter"] == sha256_of(meter)
    assert record.weights_bytes > meter.stat().st_size
