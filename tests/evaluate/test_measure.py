"""What is measured of a set: images that cannot be used are counted and left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.evaluated import ALL_SEVEN, QUICK
from tests.helpers.tiny_set import (
    LEFT,
    SPLIT,
    Canned,
    TinyImage,
    face,
    write_set,
)
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.errors import YoloFerError
from yolo_fer.evaluate.evaluate import evaluate

pytest.importorskip("pycocotools")


def test_unreadable_images_are_counted_and_left_out(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", ALL_SEVEN)
    folder = data.parent / "images" / SPLIT
    (folder / "000.jpg").write_bytes((folder / "000.jpg").read_bytes()[:-200])
    (folder / "001.jpg").write_bytes(b"")
    answers = [[face(LEFT, **{name: 0.9})] for name in EMOTION_NAMES]
    metrics = evaluate(Canned(*answers), data, SPLIT, QUICK)
    assert metrics.skipped == {"empty_image": 1, "truncated_image": 1}
    assert metrics.bad_items == 2
    assert (metrics.images, metrics.faces, metrics.map50) == (5, 5, pytest.approx(1))


def test_labels_on_nothing_but_unreadable_images_are_an_error(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", [*ALL_SEVEN, TinyImage(())])
    for number in range(7):
        (data.parent / "images" / SPLIT / f"{number:03}.jpg").write_bytes(b"nothing")
    with pytest.raises(YoloFerError, match="that can be read has a labelled face"):
        evaluate(Canned(*[[]] * 8), data, SPLIT, QUICK)


def test_an_image_of_another_size_than_its_boxes_is_left_out(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", ALL_SEVEN)
    path = data.parent / "annotations" / f"instances_{SPLIT}.json"
    path.write_text(path.read_text().replace('"width": 100', '"width": 120', 1))
    answers = [[face(LEFT, **{name: 0.9})] for name in EMOTION_NAMES]
    metrics = evaluate(Canned(*answers), data, SPLIT, QUICK)
    assert metrics.skipped == {"size_differs_from_coco_file": 1}


def test_nothing_readable_is_an_error(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", ALL_SEVEN[:1])
    (data.parent / "images" / SPLIT / "000.jpg").write_bytes(b"no image")
    with pytest.raises(YoloFerError, match="no image could be read \\(1 not_an_image\\)"):
        evaluate(Canned([]), data, SPLIT)


def test_the_predictor_sees_batches_in_order(tmp_path: Path) -> None:
    predictor = Canned(*([face(LEFT, **{name: 0.9})] for name in EMOTION_NAMES))
    data = write_set(tmp_path / "set", ALL_SEVEN)
    assert evaluate(predictor, data, SPLIT, replace(QUICK, batch=3)).map50 == pytest.approx(1)
    assert predictor.batches == [3, 3, 1]
