from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.drawn_crops import drawn_photograph
from tests.helpers.drawn_pictures import photograph
from tools.shipping.all_faces import AllFaces, AllFacesFinder, with_all_faces
from yolo_fer.boxes import iou
from yolo_fer.emotions import Emotion


@pytest.fixture(scope="module")
def finder() -> AllFacesFinder:
    return AllFacesFinder(threads=1)


def test_both_mirrorings_find_the_same_faces(finder: AllFacesFinder) -> None:
    image = drawn_photograph(Emotion.HAPPINESS, 3, faces=(70, 40))
    plain, turned = finder.find(image), finder.find(np.ascontiguousarray(image[:, ::-1]))
    first, second = (faces.boxes[faces.scores > 0.5] for faces in (plain, turned))
    second[:, [0, 2]] = image.shape[1] - second[:, [2, 0]]
    assert len(first) == len(second) == 2
    assert (iou(first, second).max(axis=1) > 0.85).all()


def test_an_image_without_a_face_has_none(finder: AllFacesFinder) -> None:
    assert len(finder.find(np.full((100, 150, 3), 114, np.uint8)).boxes) == 0


def test_unlabelled_faces_are_added_and_doubtful_ones_are_unsure() -> None:
    picture = photograph(Emotion.FEAR)
    near = picture.boxes[0] + 2
    boxes = np.array([near, (200, 10, 240, 50), (260, 10, 280, 30)], np.float64)
    found = AllFaces(boxes, np.array([0.9, 0.9, 0.3]))
    complete = with_all_faces(picture, found)
    np.testing.assert_allclose(complete.boxes, [picture.boxes[0], boxes[1]])
    assert complete.targets[0].argmax() == Emotion.FEAR
    assert np.isnan(complete.targets[1]).all()
    np.testing.assert_allclose(complete.unsure, boxes[2:])
