"""COCO files that are broken, odd or of another kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.tiny_set import SPLIT, TINY, write_set
from yolo_fer.dataset.evaluation_set import read_evaluation_set
from yolo_fer.errors import YoloFerError


def test_a_broken_coco_file_is_said(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", TINY)
    (data.parent / "annotations" / f"instances_{SPLIT}.json").write_text('{"images": []')
    with pytest.raises(YoloFerError, match=r"instances_test\.json is not a COCO file"):
        read_evaluation_set(data, SPLIT)


def test_a_coco_file_without_an_emotion_is_said(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", TINY)
    path = data.parent / "annotations" / f"instances_{SPLIT}.json"
    path.write_text('{"images": [], "annotations": [], "categories": [{"id": 1, "name": "cat"}]}')
    with pytest.raises(YoloFerError, match=r"instances_test\.json: none of the classes"):
        read_evaluation_set(data, SPLIT)


def coco_of(data: Path) -> tuple[Path, dict[str, Any]]:
    path = data.parent / "annotations" / f"instances_{SPLIT}.json"
    return path, json.loads(path.read_text())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"file_name": f"images/{SPLIT}/000.jpg"}, "two images have the file_name"),
        ({"file_name": f"./images/{SPLIT}/000.jpg"}, "two images have the file_name"),
        ({"file_name": f"images\\{SPLIT}\\000.jpg"}, "two images have the file_name"),
        ({"id": 1}, "two images have the id 1"),
        ({"id": "1"}, "two images have the id 1"),
        ({"id": float("inf")}, "not a COCO file"),
        ({"id": 10**400}, "not a COCO file"),
        ({"id": [1]}, "not a COCO file"),
    ],
)
def test_coco_images_that_cannot_be_told_apart_are_refused(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    path, content = coco_of(write_set(tmp_path / "set", TINY))
    content["images"][1] |= change
    path.write_text(json.dumps(content))
    with pytest.raises(YoloFerError, match=message):
        read_evaluation_set(tmp_path / "set" / "data.yaml", SPLIT)


def test_two_images_that_a_coco_file_names_alike_are_refused(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", TINY)
    path, content = coco_of(data)
    content["images"][0]["file_name"] = "a.jpg"
    path.write_text(json.dumps(content))
    for folder in ("one", "two"):
        (data.parent / "images" / SPLIT / folder).mkdir()
        (data.parent / "images" / SPLIT / folder / "a.jpg").write_bytes(b"")
    with pytest.raises(YoloFerError, match=r"one/a\.jpg and .*two/a\.jpg have the same record"):
        read_evaluation_set(data, SPLIT)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "null",
        '{"images": [], "categories": [], "annotations": null}',
        '{"images": [], "categories": [7], "annotations": []}',
        '{"images": [], "images": [], "categories": [], "annotations": []}',
        50_000 * "[",
    ],
)
def test_json_that_is_no_coco_file_is_said(tmp_path: Path, text: str) -> None:
    data = write_set(tmp_path / "set", TINY)
    coco_of(data)[0].write_text(text)
    with pytest.raises(YoloFerError, match=r"instances_test\.json"):
        read_evaluation_set(data, SPLIT)


def test_numbers_that_no_box_can_have_are_bad_annotations(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", TINY)
    path, content = coco_of(data)
    good = content["annotations"][0]
    content["annotations"] += [
        good | {"image_id": float("inf")},
        good | {"category_id": 10**30},
        good | {"bbox": [0, 0, 10**400, 10]},
        good | {"bbox": {"x": 1}},
        good | {"bbox": [1e308, 0, 1e308, 10]},
    ]
    path.write_text(json.dumps(content))
    assert read_evaluation_set(data, SPLIT).bad_labels == {
        "malformed_annotation": 4,
        "not_a_number": 1,
    }
