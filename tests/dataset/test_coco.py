"""COCO files: what is written is what is read, also by other tools."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.drawn_samples import SAMPLES
from yolo_fer.boxes import xyxy_to_xywh
from yolo_fer.dataset.coco import CocoFile, CocoReader, for_pycocotools
from yolo_fer.dataset.coco_truth import read_coco_labels
from yolo_fer.dataset.labels import IGNORED
from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.files import write_atomically
from yolo_fer.images import encode_jpeg
from yolo_fer.reason_counts import ReasonCounts


def is_utf8(name: str) -> bool:
    return "\udcff" not in name


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    path = tmp_path / "instances_train.json"
    with CocoFile(path) as file:
        for name, one in SAMPLES.items():
            file.add(name, one)
    return path


def test_coco_faces_come_back_as_they_were_written(coco: Path) -> None:
    with CocoReader(coco) as reader:
        for name, one in SAMPLES.items():
            image = reader.take(name)
            assert image is not None
            assert (image.width, image.height) == (one.width, one.height)
            assert image.faces() == one.faces
        assert list(reader.rest()) == []
        assert reader.problems == []


def test_coco_images_can_be_asked_for_in_any_order(coco: Path) -> None:
    with CocoReader(coco) as reader:
        for name in reversed(SAMPLES):
            image = reader.take(name)
            assert image is not None
            assert image.faces() == SAMPLES[name].faces


def test_an_evaluation_sees_the_same_faces_in_coco(coco: Path) -> None:
    bad = ReasonCounts()
    labels = read_coco_labels(coco, bad)
    assert not bad
    for name, one in SAMPLES.items():
        truth = labels.images[name].faces
        found = sorted(zip(truth.boxes.tolist(), truth.emotions.tolist(), strict=True))
        assert found == sorted(
            ([f.box.x1, f.box.y1, f.box.x2, f.box.y2], IGNORED if f.emotion is None else f.emotion)
            for f in one.faces
        )


def test_files_that_have_an_unlabelled_face_in_every_emotion_are_read_like_new_ones(
    coco: Path, tmp_path: Path
) -> None:
    older = tmp_path / "older.json"
    content = for_pycocotools(json.loads(coco.read_text()))
    older.write_text(json.dumps(content))
    crowds = [a for a in content["annotations"] if a["iscrowd"]]
    unlabelled = [f for one in SAMPLES.values() for f in one.faces if f.emotion is None]
    assert len(crowds) == 7 * len(unlabelled) > 0
    with CocoReader(older) as reader:
        for name, one in SAMPLES.items():
            image = reader.take(name)
            assert image is not None and image.faces() == one.faces
        assert not [*reader.rest()] and not reader.problems
    new, old = (read_coco_labels(path, ReasonCounts()) for path in (coco, older))
    assert new.foreign == old.foreign == ()
    for name in SAMPLES:
        ours, theirs = new.images[name].faces, old.images[name].faces
        assert ours.boxes.tolist() == theirs.boxes.tolist()
        assert ours.emotions.tolist() == theirs.emotions.tolist()


def test_supervision_counts_each_face_once(tmp_path: Path) -> None:
    supervision = pytest.importorskip("supervision")
    plain = {name: one for name, one in SAMPLES.items() if is_utf8(name)}
    coco = tmp_path / "instances_train.json"
    with CocoFile(coco) as file:
        for name, one in plain.items():
            file.add(name, one)
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, encode_jpeg(np.zeros((one.height, one.width, 3), np.uint8)))
    read = supervision.DetectionDataset.from_coco(str(tmp_path), str(coco))
    assert read.classes == [*EMOTION_NAMES, "unlabelled"]
    found = {path: [read.classes[i] for i in detections.class_id] for path, _, detections in read}
    for name, one in plain.items():
        names = ["unlabelled" if f.emotion is None else f.emotion.label for f in one.faces]
        assert found[str(tmp_path / name)] == names


def test_coco_of_another_tool_is_read_alike_by_both_readers(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    box = [10.0, 20.0, 30.0, 40.0]
    content = {
        "info": {"year": 2020, "tags": ["[", "}"]},
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 4, "bbox": box, "area": 1200, "iscrowd": 0}
        ],
        "images": [{"width": 64, "height": 80, "id": 1, "file_name": "a.jpg", "license": 3}],
        "categories": [{"id": e + 1, "name": e.label} for e in Emotion],
    }
    path.write_text(json.dumps(content, indent=1))
    with CocoReader(path) as reader:
        image = reader.take("a.jpg")
    assert image is not None
    (face,) = image.faces()
    truth = read_coco_labels(path, ReasonCounts()).images["a.jpg"].faces
    assert face.emotion == truth.emotions[0] == Emotion.HAPPINESS
    assert xyxy_to_xywh(truth.boxes).tolist() == [box]
    assert (face.box.x1, face.box.y2) == (10, 60)
