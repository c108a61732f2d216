from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from yolo_fer.boxes import match
from yolo_fer.detector import Detector
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.exporting import Format, export

pytest.importorskip("ultralytics")

from tests.detector.networks import photograph, write_checkpoint


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("weights") / "secret folder.pt", "yolo11n")


@pytest.fixture(scope="module")
def exported(checkpoint: Path) -> Path:
    return export(str(checkpoint), conf=0.123)


def test_the_file_finds_the_same_faces_as_the_checkpoint(checkpoint: Path, exported: Path) -> None:
    image = photograph("zidane.jpg")
    first, second = (Detector(w, conf=0.3)(image).faces for w in (checkpoint, exported))
    assert first
    boxes, others = (np.array([face.box for face in faces]) for faces in (first, second))
    scores, other_scores = (np.array([face.scores for face in faces]) for faces in (first, second))
    assert np.abs(boxes - others).max() < 1
    assert np.abs(scores - other_scores).max() < 1e-3
    assert (scores > 0).mean() > 0.5, "a graph that gives only the best class has zeros"


def test_the_file_advises_the_threshold_and_takes_images_of_any_shape(exported: Path) -> None:
    detector = Detector(exported)
    assert detector.conf == 0.123
    assert detector.imgsz == 160
    assert Detector(exported, imgsz=256).imgsz == 256


def test_the_file_does_not_say_on_which_machine_it_was_made(
    checkpoint: Path, exported: Path
) -> None:
    data = exported.read_bytes()
    assert str(checkpoint.parent).encode() not in data
    assert str(Path.home()).encode() not in data


def test_the_same_weights_give_the_same_bytes(checkpoint: Path, exported: Path) -> None:
    again = export(str(checkpoint), exported.with_name("again.onnx"), conf=0.123)
    assert again.read_bytes() == exported.read_bytes()


def test_nothing_is_replaced_unless_asked(checkpoint: Path, exported: Path) -> None:
    before = exported.read_bytes()
    with pytest.raises(UsageError, match="--overwrite"):
        export(str(checkpoint))
    assert exported.read_bytes() == before
    export(str(checkpoint), conf=0.5, overwrite=True)
    assert Detector(exported).conf == 0.5
    export(str(checkpoint), conf=0.123, overwrite=True)


def test_what_cannot_be_exported_is_named(exported: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="exported already"):
        export(str(exported))
    (tmp_path / "text.pt").write_text("no checkpoint")
    with pytest.raises(YoloFerError, match=r"text\.pt"):
        export(str(tmp_path / "text.pt"))


@pytest.mark.slow
def test_openvino_finds_the_same_faces(checkpoint: Path) -> None:
    pytest.importorskip("openvino")
    folder = export(str(checkpoint), format=Format.OPENVINO)
    image = photograph("zidane.jpg")
    first, second = (Detector(w, conf=0.3)(image).faces for w in (checkpoint, folder))
    boxes, others = (np.array([face.box for face in faces]) for faces in (first, second))
    # Random networks give some boxes the same score, and those may come in another order.
    assert len(match(boxes, others, 0.95)) >= 0.97 * max(len(boxes), len(others)) > 0
