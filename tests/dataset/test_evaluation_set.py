"""The true faces, groups and sources of a split."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers.tiny_set import LEFT, RIGHT, SPLIT, TINY, TinyImage, write_set
from yolo_fer.dataset.evaluation_set import read_evaluation_set
from yolo_fer.dataset.labels import IGNORED
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError


@pytest.mark.parametrize("coco", [True, False])
def test_both_kinds_of_labels_give_the_same_faces(tmp_path: Path, coco: bool) -> None:
    found = read_evaluation_set(write_set(tmp_path / "set", TINY, coco=coco), SPLIT)
    first, second = found.images
    labelled = first.faces.emotions != IGNORED
    np.testing.assert_allclose(first.faces.in_pixels(100, 100)[labelled], [LEFT])
    assert first.faces.emotions[labelled].tolist() == [Emotion.FEAR]
    assert len(second.faces.boxes) == 0
    assert (first.group, first.source) == ("video 1", "expw")
    assert first.name == f"images/{SPLIT}/000.jpg"
    assert not found.skipped
    assert not found.bad_labels


def test_a_face_that_nobody_labelled_is_listed_once(tmp_path: Path) -> None:
    found = read_evaluation_set(write_set(tmp_path / "set", TINY), SPLIT)
    ignored = found.images[0].faces.emotions == IGNORED
    np.testing.assert_allclose(found.images[0].faces.boxes[ignored], [RIGHT])


def test_without_a_manifest_each_image_is_its_own_group(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", TINY)
    data.with_name("manifest.csv").unlink()
    groups = [image.group for image in read_evaluation_set(data, SPLIT).images]
    assert groups == [f"images/{SPLIT}/000.jpg", f"images/{SPLIT}/001.jpg"]


def test_images_that_only_one_side_knows_are_counted(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", [*TINY, TinyImage()])
    folder = data.parent / "images" / SPLIT
    (folder / "002.jpg").rename(folder / "stranger.jpg")
    found = read_evaluation_set(data, SPLIT)
    assert found.skipped == {"not_in_coco_file": 1, "missing_image": 1}
    assert len(found.images) == 2


def test_images_of_the_coco_file_that_the_split_leaves_out_are_not_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list of some of the images, relative to the current folder as Ultralytics reads it."""
    data = write_set(tmp_path / "set", [*TINY, TinyImage()])
    (data.parent / "some.txt").write_text(f"images/{SPLIT}/000.jpg\n")
    data.write_text(data.read_text().replace(f"images/{SPLIT}", "some.txt"))
    monkeypatch.chdir(data.parent)
    found = read_evaluation_set(Path("data.yaml"), SPLIT)
    assert [image.name for image in found.images] == [f"images/{SPLIT}/000.jpg"]
    assert not found.skipped


def test_bad_annotations_are_counted_and_the_rest_is_used(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", TINY)
    path = data.parent / "annotations" / f"instances_{SPLIT}.json"
    content: dict[str, Any] = json.loads(path.read_text())
    good = content["annotations"][0]
    content["annotations"] += [
        good | {"bbox": [0, 0, 0, 10]},
        good | {"bbox": [0, 0, 10]},
        good | {"bbox": [0, 0, float("nan"), 10]},
        good | {"category_id": 99},
        good | {"image_id": 99},
        "text",
    ]
    path.write_text(json.dumps(content))
    found = read_evaluation_set(data, SPLIT)
    assert found.bad_labels == {
        "empty_box": 1,
        "malformed_annotation": 2,
        "not_a_number": 1,
        "unknown_class": 1,
        "unknown_image": 1,
    }
    assert len(found.images[0].faces.boxes) == 2


def test_a_manifest_of_another_kind_is_said(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", TINY)
    data.with_name("manifest.csv").write_text("name,person\n1.jpg,Ann\n")
    with pytest.raises(YoloFerError, match=r"manifest\.csv lacks a column"):
        read_evaluation_set(data, SPLIT)


def test_boxes_of_other_classes_are_ignored_faces(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", TINY, coco=False)
    data.write_text("names: [anger, disgust, Fearful, contempt]\ntest: images/test\n")
    (data.parent / "labels" / SPLIT / "001.txt").write_text("3 0.5 0.5 0.2 0.2\n")
    found = read_evaluation_set(data, SPLIT)
    assert found.images[0].faces.emotions.tolist() == [Emotion.FEAR]
    assert found.images[1].faces.emotions.tolist() == [IGNORED]
    assert "contempt" in found.warnings[0]


def test_images_without_label_files_are_negatives_and_told(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", TINY, coco=False)
    (data.parent / "labels" / SPLIT / "001.txt").unlink()
    found = read_evaluation_set(data, SPLIT)
    assert len(found.images) == 2
    assert "1 images have no label file" in found.warnings[0]


def test_a_split_without_a_labelled_face_is_an_error(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", [TinyImage(((LEFT, None),))])
    with pytest.raises(YoloFerError, match="no face with an emotion"):
        read_evaluation_set(data, SPLIT)


def test_two_rows_for_an_image_in_the_manifest_are_refused(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", TINY)
    manifest = data.with_name("manifest.csv")
    manifest.write_text(manifest.read_text() + manifest.read_text().splitlines()[1] + "\n")
    with pytest.raises(YoloFerError, match=r"two rows for images/test/000\.jpg"):
        read_evaluation_set(data, SPLIT)


def test_images_that_share_a_label_file_are_told(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", TINY, coco=False)
    folder = data.parent / "images" / SPLIT
    (folder / "000.png").write_bytes((folder / "000.jpg").read_bytes())
    (warning,) = read_evaluation_set(data, SPLIT).warnings
    assert "1 images share a label file" in warning


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ("1 0.5 0.5 0.2 0.2 0.9", "6 columns; a label has 5: class cx cy w h, and no score"),
        ("1,0.5,0.5,0.2,0.2", "write spaces, not commas"),
        ("1, 0.5, 0.5, 0.2, 0.2", "write spaces, not commas"),
        ("1 32 40 20 20", "fractions of the image"),
        ("9 0.5 0.5 0.2 0.2", "no such class"),
    ],
)
def test_labels_of_which_none_can_be_used_are_explained(
    tmp_path: Path, row: str, cause: str
) -> None:
    data = write_set(tmp_path / "set", TINY, coco=False)
    for label in (data.parent / "labels" / SPLIT).iterdir():
        label.write_text(f"{row}\n")
    with pytest.raises(YoloFerError, match="nothing to measure") as error:
        read_evaluation_set(data, SPLIT)
    assert "2 label rows left out: " in str(error.value)
    assert "000.txt, line 1" in str(error.value)
    assert cause in str(error.value)


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("/home/somebody/set/images/test/a.jpg", "a path of another machine"),
        (r"images\test\000.jpg", "Windows' backslashes"),
        ("./images/test/000.jpg", "should have"),  # there, without a label file
    ],
)
def test_images_of_a_list_that_cannot_be_used_are_explained(
    tmp_path: Path, line: str, cause: str
) -> None:
    data = write_set(tmp_path / "set", TINY, coco=False)
    for label in (data.parent / "labels" / SPLIT).iterdir():
        label.unlink()
    data.with_name("list.txt").write_text(f"{line}\n")
    data.write_text(data.read_text().replace(f"images/{SPLIT}", "list.txt"))
    with pytest.raises(YoloFerError, match="nothing to measure") as error:
        read_evaluation_set(data, SPLIT)
    assert cause in str(error.value)
