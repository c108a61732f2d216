from __future__ import annotations

import json
import os
import re
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.helpers.converted import classes, contents, dropped, labels, split_of_file
from tests.helpers.converted import rows as manifest
from tests.helpers.drawn_crops import drawn_crop, drawn_photograph
from yolo_fer import images
from yolo_fer.convert.folders import FoldersOptions, convert_folders
from yolo_fer.convert.folders_source import compile_group_by, find_images
from yolo_fer.convert.labelled_face import Kind
from yolo_fer.convert.options import Run
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.dataset.converted_set import open_converted_set
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.emotions import Emotion
from yolo_fer.errors import UsageError, YoloFerError, YoloFerWarning
from yolo_fer.images import Image
from yolo_fer.inspect.set_check import check_set

ALL_TRAIN = FoldersOptions(shares=SplitShares(0.0, 0.0))


class Tree:
    """Writes images into folders below a root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()

    def add(self, file: str, image: Image | bytes) -> Path:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(image, bytes):
            path.write_bytes(image)
        else:
            cv2.imencode(path.suffix, image)[1].tofile(path)
        return path

    def crop(self, file: str, seed: int, emotion: Emotion = Emotion.HAPPINESS) -> Path:
        return self.add(file, drawn_crop(emotion, seed))

    def photograph(self, file: str, seed: int, faces: tuple[float, ...] = (90,)) -> Path:
        return self.add(file, drawn_photograph(Emotion.HAPPINESS, seed, faces))


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "raw")


def convert(tree: Tree, out: Path, options: FoldersOptions = ALL_TRAIN) -> dict[str, Any]:
    before = contents(tree.root)
    report = convert_folders(tree.root, out, options)
    assert report is not None
    assert contents(tree.root) == before, "a source file changed"
    assert report["rows_in"] == report["faces_out"] + sum(report["dropped"].values())
    return report


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
    full = convert(tree, tmp_path / "full", replace(ALL_TRAIN, kind=Kind.FULL))
    assert full["images_out"] == 2
    assert full["dropped"] == {"no_face": 1}
    crops = convert(tree, tmp_path / "crops", replace(ALL_TRAIN, kind=Kind.CROPS))
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


def test_a_person_is_in_one_split_only(tree: Tree, tmp_path: Path) -> None:
    for i in range(60):
        tree.crop(f"{Emotion(i % 7).label}/S{i // 4:03d}_{i}.png", i, Emotion(i % 7))
    options = FoldersOptions(group_by=compile_group_by(r"S(\d+)_"), shares=SplitShares(0.25, 0.25))
    convert(tree, tmp_path / "out", options)
    splits: dict[str, set[str]] = defaultdict(set)
    for file, split in split_of_file(tmp_path / "out").items():
        splits[re.findall(r"S(\d+)_", file)[0]].add(split)
    assert len(splits) == 15
    assert all(len(found) == 1 for found in splits.values())
    assert {split for found in splits.values() for split in found} == {"train", "val", "test"}


def test_names_without_a_person_are_counted(tree: Tree, tmp_path: Path) -> None:
    tree.crop("happy/S001_1.png", 1)
    tree.crop("happy/other.png", 2)
    report = convert(tree, tmp_path / "out", replace(ALL_TRAIN, group_by=re.compile("S[0-9]+")))
    assert any("no person in the names of 1 of 2 images" in text for text in report["warnings"])
    with pytest.raises(UsageError, match="no regular expression"):
        compile_group_by("S(")


def test_split_folders_are_kept_and_copies_of_test_images_not_trained_on(
    tree: Tree, tmp_path: Path
) -> None:
    for i in range(20):
        tree.crop(f"Training/happy/{i}.png", i)
    for i in range(20, 24):
        tree.crop(f"Test/happy/{i}.png", i)
    tree.crop("Training/happy/copy.png", 21)
    brighter = cv2.convertScaleAbs(drawn_crop(Emotion.HAPPINESS, 22), alpha=1.1, beta=5)
    tree.add("Training/happy/brighter.png", brighter)
    out = tmp_path / "out"
    convert(tree, out, FoldersOptions(shares=SplitShares(0.3, 0.3)))
    splits = split_of_file(out)
    assert dropped(out) == {
        "Training/happy/brighter.png": "group_in_other_split",
        "Training/happy/copy.png": "group_in_other_split",
    }
    assert {f for f, split in splits.items() if split == "test"} == {
        f"Test/happy/{i}.png" for i in range(20, 24)
    }
    assert "val" in splits.values(), "without validation images, some training images become them"


def test_copies_become_one_and_contradictions_are_for_training_only(
    tree: Tree, tmp_path: Path
) -> None:
    for split in ("train", "test"):
        seed = len(split)
        tree.crop(f"{split}/happy/a.png", seed)
        tree.crop(f"{split}/joy/b.png", seed)
        tree.crop(f"{split}/sad/c.png", seed + 10)
        tree.crop(f"{split}/fear/c.png", seed + 10)
    report = convert(tree, tmp_path / "out", replace(ALL_TRAIN, kind=Kind.CROPS))
    assert report["dropped"] == {"contradictory_labels": 2, "duplicate_row": 3}
    assert classes(tmp_path / "out") == [2, 3]
    assert classes(tmp_path / "out", "test") == [3]
    flags = "".join(row["flags"] for row in manifest(tmp_path / "out"))
    assert "0/0/0/1/0/0/1/0/0/0" in flags, "both labels of the contradiction"


def test_film_frames_are_kept_whole_and_a_film_is_in_one_split_only(
    tree: Tree, tmp_path: Path
) -> None:
    for i in range(12):
        tree.photograph(f"Happy/Film{i // 3}_00{i}_0000.jpg", i, (190,) if i == 0 else (90, 40))
    options = FoldersOptions(
        name="sfew",
        group_by=compile_group_by(r"([^/]+?)[_-]\d+_\d+\."),
        kind=Kind.FULL,
        shares=SplitShares(0.3, 0.3),
    )
    report = convert(tree, tmp_path / "out", options)
    assert (report["images_out"], report["dropped"]) == (12, {})
    films: dict[str, set[str]] = defaultdict(set)
    for file, split in split_of_file(tmp_path / "out").items():
        films[file.split("_")[0]].add(split)
    assert all(len(splits) == 1 for splits in films.values())
    assert len(set.union(*films.values())) > 1


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
    with pytest.raises(YoloFerError, match="none of the 2 images gives a face"):
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


@pytest.mark.slow
def test_ck48_is_converted_with_every_person_in_one_split(shared: Path, tmp_path: Path) -> None:
    root = shared / "ck48"
    if not root.is_dir():
        pytest.skip("CK+ is not here")
    options = FoldersOptions(name="ck48", group_by=compile_group_by(r"S(\d+)_"))
    out = tmp_path / "out"
    report = convert_folders(root, out, options)
    assert report is not None
    assert (report["rows_in"], report["faces_out"]) == (981, 927)
    assert report["dropped"] == {"other_class": 54}
    splits: dict[str, set[str]] = defaultdict(set)
    for file, split in split_of_file(out).items():
        splits[re.findall(r"S(\d+)_", file)[0]].add(split)
    assert all(len(found) == 1 for found in splits.values())


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
