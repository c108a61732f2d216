from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.drawn_crops import drawn_crop, drawn_photograph
from yolo_fer import boxes
from yolo_fer.emotions import Emotion
from yolo_fer.faces.margin import WithMargin
from yolo_fer.faces.retinaface import RetinaFace


@pytest.fixture(scope="module")
def finder() -> RetinaFace:
    return RetinaFace(threads=1)


def test_faces_that_fill_a_small_image_are_found(finder: RetinaFace) -> None:
    crops = [drawn_crop(Emotion(i % 7), i) for i in range(14)]
    found = WithMargin(finder).find(crops)
    assert all(len(faces.boxes) for faces in found)
    square = np.array([boxes.retinaface_to_expw(faces.boxes[:1])[0] for faces in found])
    whole = np.array([[0, 0, 48, 48]], dtype=float)
    assert np.mean(boxes.iou(square, whole)) > 0.7


def test_boxes_of_larger_images_are_those_of_the_bare_finder(finder: RetinaFace) -> None:
    images = [drawn_photograph(Emotion(i % 7), i, (90, 60)) for i in range(4)]
    bare, wide = finder.find(images), WithMargin(finder).find(images)
    for a, b in zip(bare, wide, strict=True):
        assert np.diag(boxes.iou(a.boxes, b.boxes)).min() > 0.8
        assert a.landmarks is not None
        assert b.landmarks is not None
        assert np.abs(a.landmarks - b.landmarks).max() < 8


def test_it_has_the_name_and_weights_of_the_finder_that_does_the_work(finder: RetinaFace) -> None:
    wide = WithMargin(finder)
    assert (wide.name, wide.weights_sha256) == (finder.name, finder.weights_sha256)
