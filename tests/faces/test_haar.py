from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.helpers.pictures import ZIDANE_FACES, photograph
from yolo_fer.boxes import iou
from yolo_fer.errors import UsageError, YoloFerError
from yolo_fer.faces import load_finder
from yolo_fer.faces.haar import Haar


@pytest.fixture(scope="module")
def finder() -> Haar:
    return Haar(threads=1)


def test_it_finds_a_frontal_face_of_a_photograph(finder: Haar) -> None:
    (found,) = finder.find([photograph("zidane.jpg")])

    assert iou(found.boxes, np.array(ZIDANE_FACES, dtype=float)).max() > 0.5
    assert (np.diff(found.scores) <= 0).all()
    assert ((found.scores >= 0.5) & (found.scores < 1)).all()


def test_a_higher_threshold_asks_more_windows_to_agree() -> None:
    picture = photograph("zidane.jpg")
    (many,) = Haar(threads=1, threshold=0.3).find([picture])
    (few,) = Haar(threads=1, threshold=0.8).find([picture])

    assert len(many.boxes) > len(few.boxes)
    assert (few.scores >= 0.8).all()


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (24, 24)])
def test_a_blank_picture_of_any_shape_has_no_faces(finder: Haar, shape: tuple[int, int]) -> None:
    (found,) = finder.find([np.full((*shape, 3), 90, np.uint8)])

    assert found.boxes.shape == (0, 4)


def test_it_leaves_the_threads_of_opencv_as_they_were(finder: Haar) -> None:
    before = cv2.getNumThreads()

    finder.find([np.zeros((40, 40, 3), np.uint8)])

    assert cv2.getNumThreads() == before


def test_an_opencv_without_haar_is_reported_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(cv2, "CascadeClassifier")

    with pytest.raises(YoloFerError, match="pip install 'opencv-python"):
        load_finder("haar")


def test_arguments_out_of_range_are_refused() -> None:
    with pytest.raises(UsageError, match="threshold"):
        Haar(threshold=1.0)
    with pytest.raises(UsageError, match="threads"):
        Haar(threads=0)
