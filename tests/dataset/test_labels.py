"""YOLO label files: written for a sample, and read whatever stands in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.drawn_samples import SAMPLES
from yolo_fer.dataset.labels import IGNORED, read_yolo_labels, yolo_label
from yolo_fer.dataset.samples import box_array
from yolo_fer.emotions import Emotion
from yolo_fer.reason_counts import ReasonCounts

CLASSES = {0: Emotion.ANGER, 1: Emotion.HAPPINESS}
FOREIGN = {2}


def test_yolo_labels_come_back_but_for_unlabelled_faces(tmp_path: Path) -> None:
    for number, one in enumerate(SAMPLES.values()):
        path = tmp_path / f"{number}.txt"
        path.write_text(yolo_label(one))
        bad = ReasonCounts()
        truth = read_yolo_labels(path, dict(enumerate(Emotion)), (), bad)
        assert truth is not None
        assert not bad
        assert truth.emotions.tolist() == [face.emotion for face in one.labelled]
        boxes = box_array(one.labelled)
        assert truth.in_pixels(one.width, one.height) == pytest.approx(boxes, abs=1e-3)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("0 0.5 0.5 0.2", "wrong_number_of_columns"),
        ("0 0.5 0.5 0.2 0.2 0.9", "wrong_number_of_columns"),  # a prediction, not a label
        ("happy 0.5 0.5 0.2 0.2", "not_a_number"),
        ("0 0.5 nan 0.2 0.2", "not_a_number"),
        ("7 0.5 0.5 0.2 0.2", "unknown_class"),
        ("-1 0.5 0.5 0.2 0.2", "unknown_class"),
        ("0.5 0.5 0.5 0.2 0.2", "unknown_class"),
        ("0 320 240 64 64", "out_of_range"),
        ("0 0.5 0.5 0 0.2", "empty_box"),
        ("1 0.5 0.5 0.2 0.2", "duplicate_row"),
    ],
)
def test_a_bad_row_is_counted_and_the_image_stays(tmp_path: Path, row: str, reason: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"1 0.5 0.5 0.2 0.2\n\n{row}\n")
    bad = ReasonCounts()
    faces = read_yolo_labels(path, CLASSES, FOREIGN, bad)
    assert bad == {reason: 1}
    assert faces is not None
    np.testing.assert_allclose(faces.in_pixels(100, 50), [[40, 20, 60, 30]])


def test_a_label_file_of_binary_rubbish_is_one_bad_item(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xff\xfe\x00\x81")
    bad = ReasonCounts()
    faces = read_yolo_labels(path, CLASSES, FOREIGN, bad)
    assert faces is not None
    assert len(faces.boxes) == 0
    assert bad == {"unreadable_label_file": 1}


def test_an_outline_becomes_its_box(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("1 0.1 0.2 0.5 0.2 0.3 0.8\n")
    faces = read_yolo_labels(path, CLASSES, FOREIGN, ReasonCounts())
    assert faces is not None
    np.testing.assert_allclose(faces.boxes, [[0.1, 0.2, 0.5, 0.8]])


def test_a_class_that_names_no_emotion_is_a_face_to_be_ignored(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("2 0.5 0.5 0.2 0.2\n0 0.2 0.2 0.2 0.2\n")
    faces = read_yolo_labels(tmp_path / "a.txt", CLASSES, FOREIGN, ReasonCounts())
    assert faces is not None
    assert faces.emotions.tolist() == [IGNORED, Emotion.ANGER]


def test_no_label_file_is_not_the_same_as_an_empty_one(tmp_path: Path) -> None:
    assert read_yolo_labels(tmp_path / "none.txt", CLASSES, FOREIGN, ReasonCounts()) is None
    (tmp_path / "empty.txt").touch()
    faces = read_yolo_labels(tmp_path / "empty.txt", CLASSES, FOREIGN, ReasonCounts())
    assert faces is not None
    assert faces.boxes.shape == (0, 4)
