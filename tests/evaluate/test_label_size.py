from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.helpers.bright_finder import BrightFinder, draw
from yolo_fer.evaluate.label_size import LabelSize, is_resized
from yolo_fer.evaluate.wider_face import WiderImage

FACES = [[100, 80, 220, 240], [600, 300, 660, 390]]


@pytest.mark.parametrize("height", [420, 683, 1024, 1540])
def test_a_stretched_image_gets_the_height_back_that_its_labels_are_about(height):
    original = draw(height, 1024, FACES)
    stretched = np.asarray(cv2.resize(original, (416, 416), interpolation=cv2.INTER_AREA))

    restored = LabelSize(BrightFinder()).restore(stretched, np.array(FACES, float))

    assert restored is not None
    assert restored.shape[1] == 1024
    assert restored.shape[0] == pytest.approx(height, rel=0.02)


def test_the_height_is_not_guessed_where_no_face_is_seen():
    assert LabelSize(BrightFinder()).restore(draw(416, 416, []), np.array(FACES, float)) is None


def test_an_image_without_faces_needs_no_certain_height():
    restored = LabelSize(BrightFinder()).restore(draw(416, 416, []), np.empty((0, 4)))

    assert restored is not None
    assert restored.shape == (768, 1024, 3)


def test_labels_beyond_the_edge_of_many_images_show_that_they_were_resized(tmp_path):
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), draw(416, 416, []))
    inside = WiderImage(path, np.array([[5.0, 5, 419, 400]]), 0)
    beyond = WiderImage(path, np.array(FACES, float), 0)

    assert is_resized([inside] * 5 + [beyond])
    assert not is_resized([inside] * 20 + [beyond])
    assert not is_resized([])
