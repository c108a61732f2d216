"""Persons, films and copies in folders per emotion: each is in one split only."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from tests.helpers.converted import classes, dropped, split_of_file
from tests.helpers.converted import rows as manifest
from tests.helpers.converted_folders import ALL_TRAIN, Tree, convert
from tests.helpers.drawn_crops import drawn_crop
from tests.helpers.research_data import research_data
from yolo_fer.convert.folders import FoldersOptions, convert_folders
from yolo_fer.convert.folders_source import compile_group_by
from yolo_fer.convert.labelled_face import ImageKind
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.emotions import Emotion
from yolo_fer.errors import UsageError


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
    report = convert(tree, tmp_path / "out", replace(ALL_TRAIN, kind=ImageKind.CROPS))
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
        kind=ImageKind.FULL,
        shares=SplitShares(0.3, 0.3),
    )
    report = convert(tree, tmp_path / "out", options)
    assert (report["images_out"], report["dropped"]) == (12, {})
    films: dict[str, set[str]] = defaultdict(set)
    for file, split in split_of_file(tmp_path / "out").items():
        films[file.split("_")[0]].add(split)
    assert all(len(splits) == 1 for splits in films.values())
    assert len(set.union(*films.values())) > 1


@pytest.mark.slow
def test_ck48_is_converted_with_every_person_in_one_split(tmp_path: Path) -> None:
    root = research_data("ck48")
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
