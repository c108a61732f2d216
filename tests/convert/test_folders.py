from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.helpers.converted import classes, contents, dropped, labels
from tests.helpers.converted import rows as manifest
from tests.helpers.converted_folders import ALL_TRAIN, Tree, convert
from yolo_fer import images
from yolo_fer.convert.folders import convert_folders
from yolo_fer.convert.folders_source import compile_group_by, find_images
from yolo_fer.convert.labelled_face import ImageKind
from yolo_fer.convert.options import Run
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.dataset.converted_set import open_converted_set
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError, YoloFerWarning
from yolo_fer.inspect.set_check import check_set


def test_crops_become_scenes_and_full_images_are_copied_with_a_box(
    tree: Tree, tmp_path: Path
) -> None:
    for i in range(6):
        tree.crop(f"happy/{i}.png", i)
    tree.photograph("sad/full.jpg", 50)
    out = tmp_path / "out"
    report = convert(tree, out)
    assert report["dropped"] == {}
    assert classes(out) == [3] * 6 + [4]
    assert "in 6 of 7 images a face fills the image" in report["warnings"][0]
    (copy,) = (row for row in manifest(out) if "scene" not in row["flags"])
    assert copy["file"] == "images/train/sad/full.jpg"
    assert (out / copy["file"]).read_bytes() == (tree.root / "sad/full.jpg").read_bytes()
    _, x, y, width, height = map(float, labels(out)["sad/full.txt"].split())
    assert (x, y) == pytest.approx((0.5, 110 / 240), abs=0.05)
    assert (width * 320, height * 240) == pytest.approx((90, 90), rel=0.2)


def test_kinds_can_be_told(tree: Tree, tmp_path: Path) -> None:
    tree.crop("happy/crop.png", 1)
    tree.photograph("happy/full.jpg", 2)
    blank = np.full((48, 48, 3), 90, np.uint8)
    tree.add("sad/blank.png", blank)
    full = convert(tree, tmp_path / "full", replace(ALL_TRAIN, kind=ImageKind.FULL))
    assert full["images_out"] == 2
    assert full["dropped"] == {"no_face": 1}
    crops = convert(tree, tmp_path / "crops", replace(ALL_TRAIN, kind=ImageKind.CROPS))
    assert crops["faces_out"] == 3, "what the user calls a crop needs no face finder"
    assert all("scene" in row["flags"] for row in manifest(tmp_path / "crops"))


def test_linked_folders_are_searched_and_what_is_no_image_is_told(
    tree: Tree, tmp_path: Path
) -> None:
    grey = cv2.imencode(".png", np.full((8, 8, 3), 90, np.uint8))[1].tobytes()
    tree.add("anger/a.png", grey)
    tree.add("anger/b.image", grey)
    tree.add("anger/notes.txt", b"text")
    (tree.root / "sad").symlink_to(tree.root / "anger")
    (tree.root / "anger" / "loop").symlink_to(tree.root)
    with pytest.warns(YoloFerWarning, match=r"2 neither .*\(for example anger/notes.txt\)"):
        found = find_images(tree.root, None, tmp_path / "out")
    assert [image.file for image in found] == [
        "anger/a.png",
        "anger/b.image",
        "sad/a.png",
        "sad/b.image",
    ]


def test_folders_are_matched_by_synonym_at_any_depth_and_others_counted(
    tree: Tree, tmp_path: Path
) -> None:
    tree.crop("a/b/Angry/1.png", 1)
    tree.crop("a/ANGER/2.png", 2)
    tree.crop("anger/person7/3.png", 3)
    tree.crop("Contempt/4.png", 4)
    tree.crop("5.png", 5)
    (tree.root / "fear").mkdir()
    tree.add("anger/notes.txt", b"no image")
    report = convert(tree, tmp_path / "out")
    assert report["rows_in"] == 5
    assert dropped(tmp_path / "out") == {"Contempt/4.png": "other_class", "5.png": "other_class"}
    assert classes(tmp_path / "out") == [0, 0, 0]


def test_names_that_differ_only_in_case_stay_apart(tree: Tree, tmp_path: Path) -> None:
    tree.photograph("happy/a.jpg", 1)
    tree.photograph("happy/A.jpg", 2)
    tree.photograph("Happy/a.jpg", 3)
    tree.crop("sad/b.png", 4)
    tree.crop("sad/B.png", 5)
    convert(tree, tmp_path / "out")
    assert classes(tmp_path / "out") == [3, 3, 3, 4, 4]
    files = [row["file"].casefold() for row in manifest(tmp_path / "out")]
    assert len(files) == len(set(files))


def test_broken_images_are_reported_and_the_rest_is_converted(tree: Tree, tmp_path: Path) -> None:
    good = tree.crop("happy/good.png", 1)
    tree.add("happy/empty.png", b"")
    tree.add("happy/cut.png", good.read_bytes()[:600])
    tree.add("happy/text.jpg", b"this is no image")
    tree.add("sad/plain.png", np.full((200, 300, 3), 128, np.uint8))
    tree.photograph("sad/two.jpg", 2, (85, 85))
    report = convert(tree, tmp_path / "out")
    assert report["faces_out"] == 1
    assert dropped(tmp_path / "out") == {
        "happy/cut.png": "truncated_image",
        "happy/empty.png": "empty_image",
        "happy/text.jpg": "not_an_image",
        "sad/plain.png": "no_face",
        "sad/two.jpg": "doubt",
    }


def test_the_largest_face_has_the_label_and_the_other_is_nobodys(
    tree: Tree, tmp_path: Path
) -> None:
    tree.photograph("surprise/two.jpg", 3, (95, 50))
    out = tmp_path / "out"
    convert(tree, out)
    assert [(row["faces"], row["ignored"], row["flags"]) for row in manifest(out)] == [
        ("1", "1", "masked")
    ]
    (label,) = labels(out).values()
    assert float(label.split()[3]) * 320 > 70
    painted = images.read(out / "images/train/surprise/two.jpg")
    assert (np.abs(painted.astype(int) - 114).max(axis=2) < 4).sum() > 500
    keep = replace(ALL_TRAIN, unlabelled=Unlabelled.KEEP)
    convert(tree, tmp_path / "keep", keep)
    assert [row["ignored"] for row in manifest(tmp_path / "keep")] == ["0"]
    with pytest.raises(YoloFerError, match="image_with_unlabelled_faces"):
        convert(tree, tmp_path / "drop", replace(ALL_TRAIN, unlabelled=Unlabelled.DROP))


def test_a_root_without_images_or_emotions_is_an_error_that_says_why(
    tree: Tree, tmp_path: Path
) -> None:
    with pytest.raises(YoloFerError, match="holds no image file"):
        convert_folders(tree.root, tmp_path / "out", ALL_TRAIN)
    with pytest.raises(YoloFerError, match="is not a folder"):
        convert_folders(tree.root / "missing", tmp_path / "out", ALL_TRAIN)
    tree.crop("train/3/a.png", 1)
    with pytest.raises(YoloFerError, match=r"there are 3\. Name the folders anger"):
        convert_folders(tree.root, tmp_path / "out", ALL_TRAIN)
    tree.add("train/happy/a.png", np.full((60, 60, 3), 128, np.uint8))
    with pytest.raises(YoloFerError, match="none of the 2 images can be used"):
        convert_folders(tree.root, tmp_path / "out", ALL_TRAIN)


def test_the_written_set_may_lie_below_the_root(tree: Tree) -> None:
    tree.crop("happy/a.png", 1)
    out = tree.root / "happy" / "converted"
    report = convert_folders(tree.root, out, ALL_TRAIN)
    again = convert_folders(tree.root, out, ALL_TRAIN, Run(overwrite=True))
    assert report == again
    assert report is not None
    assert report["rows_in"] == 1


def test_a_conversion_that_was_stopped_ends_with_the_same_bytes(tree: Tree, tmp_path: Path) -> None:
    for i in range(70):
        tree.crop(f"{Emotion(i % 7).label}/{i}.png", i, Emotion(i % 7))
    tree.photograph("happy/full.png", 99)
    convert(tree, tmp_path / "whole")
    out = tmp_path / "out"

    def stop(items: Any, description: str, total: int) -> Any:
        for number, item in enumerate(items):
            if number == 1:
                raise KeyboardInterrupt
            yield item

    with pytest.raises(KeyboardInterrupt):
        convert_folders(tree.root, out, ALL_TRAIN, Run(progress=stop))
    assert not (out / "data.yaml").exists()
    assert convert_folders(tree.root, out, ALL_TRAIN, Run(resume=True, workers=2)) is not None
    assert contents(out) == contents(tmp_path / "whole")
    report = json.loads((out / "conversion_report.json").read_text())
    assert report["face_finder"]["name"] == "retinaface"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_that_are_no_utf8_are_converted_and_come_back(tree: Tree, tmp_path: Path) -> None:
    odd = [os.fsdecode(name) for name in (b"happy/\xff.png", b"sad\xfe/happy/\xe4.png")]
    for seed, file in enumerate(odd):
        tree.photograph(file, seed)
    tree.add(os.fsdecode(b"happy/bro\xffken.png"), b"no image")
    options = replace(ALL_TRAIN, group_by=compile_group_by("^.*$"))
    convert(tree, tmp_path / "out", options)
    assert convert_folders(tree.root, tmp_path / "out", options, Run(resume=True)) is None

    found = open_converted_set(tmp_path / "out")
    rows = [row for row, _ in found.images()]
    assert sorted(row.source_file for row in rows) == sorted(odd)
    assert sorted(row.name for row in rows) == ["happy/_xff", "sad_xfe/happy/_xe4"]
    assert (tmp_path / "out" / "dropped.csv").read_text("utf-8").count("\\udcff") == 1
    checks = check_set(tmp_path / "out").checks
    assert {name for name, check in checks.items() if check.found} <= {"classes", "boxes_usual"}


def test_resuming_when_crops_were_added_paints_the_scenes_of_the_new_plan(
    tree: Tree, tmp_path: Path
) -> None:
    options = replace(ALL_TRAIN, kind=ImageKind.CROPS)
    for i in range(40):
        tree.crop(f"happy/{i}.png", i)
    out = tmp_path / "out"

    def killing(items: Any, description: str, total: int) -> Any:
        yield from items
        if description == "writing images":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert_folders(tree.root, out, options, Run(progress=killing))
    for i in range(6):
        tree.crop(f"happy/0{i}.png", 100 + i)
    (tree.root / "happy" / "7.png").unlink()

    assert convert_folders(tree.root, out, options, Run(resume=True)) is not None

    convert(tree, tmp_path / "whole", options)
    assert contents(out) == contents(tmp_path / "whole")
