"""Drawn faces fill their boxes, and their expressions can be told apart."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from yolo_fer.dataset.samples import box_array
from yolo_fer.emotions import Emotion
from yolo_fer.synthetic.face_drawing import draw_face


@pytest.mark.parametrize("size", [24, 64, 300])
def test_a_face_fills_its_box_and_nothing_fills_the_corners(size: int) -> None:
    picture = draw_face(Emotion.NEUTRAL, np.random.default_rng(size), size)
    box = picture.box
    assert box.x2 - box.x1 == pytest.approx(size)
    assert box.y2 - box.y1 == pytest.approx(size)
    inside = picture.alpha[round(box.y1) : round(box.y2), round(box.x1) : round(box.x2)]
    assert (inside == 255).mean() > 0.7
    assert picture.alpha[0, 0] == picture.alpha[0, -1] == 0


def test_expressions_can_be_told_apart_across_people() -> None:
    """Ridge regression on gradients must name expressions of people it has never seen."""
    rng = np.random.default_rng(8)
    descriptor = cv2.HOGDescriptor((48, 48), (16, 16), (8, 8), (8, 8), 9)

    def features(emotion: Emotion) -> np.ndarray:
        picture = draw_face(emotion, rng, 72)
        x1, y1, x2, y2 = np.round(box_array([picture.box])[0]).astype(int)
        grey = cv2.cvtColor(picture.image[y1:y2, x1:x2], cv2.COLOR_BGR2GRAY)
        small = cv2.resize(grey, (48, 48), interpolation=cv2.INTER_AREA)
        return np.sqrt(descriptor.compute(small).ravel())

    def draw(per_class: int) -> tuple[np.ndarray, np.ndarray]:
        labels = np.tile(np.arange(7), per_class)
        return np.stack([features(Emotion(int(label))) for label in labels]), labels

    seen, seen_labels = draw(40)
    new, new_labels = draw(14)
    mean = seen.mean(axis=0)
    kernel = (seen - mean) @ (seen - mean).T
    weights = np.linalg.solve(kernel + 3.0 * np.eye(len(seen)), np.eye(7)[seen_labels] - 1 / 7)
    named = ((new - mean) @ (seen - mean).T @ weights).argmax(axis=1)
    assert (named == new_labels).mean() > 0.8
    for emotion in Emotion:
        assert (named == new_labels)[new_labels == emotion].mean() > 0.5, emotion.label
