"""One face finder for several threads."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.helpers.callers import assert_callers_do_not_meet
from tests.helpers.pictures import photograph
from tests.helpers.yunet_file import bright_cells
from yolo_fer.faces import FaceFinder, load_finder
from yolo_fer.faces.yunet import YuNet
from yolo_fer.images import Image


def pictures() -> list[Image]:
    whole = photograph("zidane.jpg")
    sizes = ((320, 180), (300, 210), (280, 240), (350, 250))
    return [np.asarray(cv2.resize(whole, size), np.uint8) for size in sizes]


def assert_fit_for_threads(finder: FaceFinder, images: list[Image], rounds: int = 2) -> None:
    def call(image: Image) -> np.ndarray:
        (found,) = finder.find([image])
        return np.column_stack([found.boxes, found.scores])

    assert_callers_do_not_meet(call, images, rounds=rounds)


@pytest.mark.parametrize("name", ["retinaface", "haar"])
def test_a_finder(name: str) -> None:
    assert_fit_for_threads(load_finder(name, threads=1), pictures())


def test_mtcnn(tmp_path: Path) -> None:
    from tests.helpers.mtcnn_files import random_cascade
    from yolo_fer.faces.mtcnn.cascade import Cascade

    cascade = Cascade(random_cascade(tmp_path / "mtcnn.onnx", thresholds=(0.5, 0.4)), threads=1)
    images = [np.asarray(cv2.resize(image, None, fx=0.4, fy=0.4)) for image in pictures()]

    def call(image: Image) -> np.ndarray:
        found = cascade.propose(image)
        return np.column_stack([found.boxes, found.scores])

    assert_callers_do_not_meet(call, images)


def test_yunet(tmp_path: Path) -> None:
    finder = YuNet(threads=1, network=bright_cells(tmp_path / "network.onnx"))
    images = [np.zeros((160 + 40 * i, 200 + 60 * i, 3), np.uint8) for i in range(4)]
    for number, image in enumerate(images):
        image[80 + 8 * number : 88 + 8 * number, 96:104] = 255
    assert_fit_for_threads(finder, images, rounds=10)
