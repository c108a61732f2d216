"""One detector for several threads, whatever runs its network."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.helpers.callers import assert_callers_do_not_meet
from tests.helpers.openvino_copy import openvino_copy
from tests.helpers.pictures import photograph
from yolo_fer import Detector
from yolo_fer.images import Image
from yolo_fer.weights.store import resolve

IMGSZ = 256


def pictures() -> list[Image]:
    """Four views of a photograph, of which no two have the same faces or even the same shape."""
    whole = photograph("zidane.jpg")
    sizes = ((640, 360), (600, 420), (420, 420), (360, 540))
    return [np.asarray(cv2.resize(whole, size), np.uint8) for size in sizes]


def assert_fit_for_threads(weights: Path | str, imgsz: int | None = None) -> None:
    threads = 1 if Path(weights).suffix != ".torchscript" else None
    detector = Detector(weights, conf=0.01, imgsz=imgsz, threads=threads)

    def call(image: Image) -> np.ndarray:
        return np.array([[*face.box, *face.scores] for face in detector(image).faces])

    assert_callers_do_not_meet(call, pictures())


def test_an_onnx_network() -> None:
    assert_fit_for_threads("yolo-fer-n.onnx", IMGSZ)


def test_an_openvino_network(tmp_path: Path) -> None:
    assert_fit_for_threads(openvino_copy(tmp_path), IMGSZ)


def test_a_checkpoint(tmp_path: Path) -> None:
    pytest.importorskip("ultralytics")
    shutil.copy(resolve("yolo-fer-n.pt"), tmp_path)
    assert_fit_for_threads(tmp_path / "yolo-fer-n.pt", IMGSZ)
