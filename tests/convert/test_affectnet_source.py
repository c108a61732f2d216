"""AffectNet's release of 2021, and copies with a folder per emotion and a second opinion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.saved_images import saved
from yolo_fer.convert.affectnet_source import (
    LABELS,
    AffectnetFace,
    is_release_2021,
    list_release_2021,
    parse_number,
    read_folders,
    read_release_2021,
)
from yolo_fer.convert.rows import BadRow
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError


def touch(root: Path, *files: str) -> Path:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_bytes(saved("PNG"))
    return root


def annotate(root: Path, name: str, number: int, label: object) -> None:
    folder = root / name / "annotations"
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / f"{number}_exp.npy", label)


@pytest.mark.parametrize(("text", "emotion"), [("0", Emotion.NEUTRAL), ("6", Emotion.ANGER)])
def test_a_number_is_affectnets_own(text: str, emotion: Emotion) -> None:
    assert parse_number(text) is emotion


@pytest.mark.parametrize(
    ("text", "reason"),
    [("7", "other_class"), ("10", "other_class"), ("11", "unknown_label"), ("-1", "unknown_label")],
)
def test_a_number_that_is_no_emotion_has_a_reason(text: str, reason: str) -> None:
    found = parse_number(text)
    assert not isinstance(found, Emotion)
    assert found[0] == reason


def test_faces_of_2021_come_in_the_order_of_their_numbers_with_their_splits(tmp_path: Path) -> None:
    touch(tmp_path, *(f"train_set/images/{n}.jpg" for n in (2, 10, 1)), "val_set/images/5.jpg")
    for number in (1, 2, 10):
        annotate(tmp_path, "train_set", number, "1")
    annotate(tmp_path, "val_set", 5, "4")
    assert is_release_2021(tmp_path)
    faces = [*read_release_2021(tmp_path, list_release_2021(tmp_path))]
    assert faces == [
        AffectnetFace(1, "train_set/images/1.jpg", Emotion.HAPPINESS, "train"),
        AffectnetFace(2, "train_set/images/2.jpg", Emotion.HAPPINESS, "train"),
        AffectnetFace(3, "train_set/images/10.jpg", Emotion.HAPPINESS, "train"),
        AffectnetFace(4, "val_set/images/5.jpg", Emotion.FEAR, "test"),
    ]


def test_an_image_or_an_annotation_without_the_other_and_a_pickle_are_bad_rows(
    tmp_path: Path,
) -> None:
    touch(tmp_path, *(f"train_set/images/{number}.jpg" for number in (1, 2, 3)))
    annotate(tmp_path, "train_set", 2, np.array({"a": 1}))  # a pickle
    annotate(tmp_path, "train_set", 3, np.array([1, 2]))
    annotate(tmp_path, "train_set", 4, "1")
    rows = [*read_release_2021(tmp_path, list_release_2021(tmp_path))]
    assert [row.reason for row in rows if isinstance(row, BadRow)] == [
        "missing_annotation",
        "bad_annotation",
        "bad_annotation",
        "missing_image",
    ]


def test_a_second_opinion_stands_beside_that_of_the_folder(tmp_path: Path) -> None:
    touch(tmp_path, "anger/a.png", "anger/b.png", "fear/c.png", "contempt/d.png")
    (tmp_path / LABELS).write_text(
        "pth,label\nanger\\a.png,fear\nanger/b.png,bored\nanger/a.png,sad\ngone.png,fear\n"
    )
    rows, warnings = read_folders(tmp_path, tmp_path / "out")
    faces = {row.file: row.opinions for row in rows if isinstance(row, AffectnetFace)}
    assert faces == {"anger/a.png": ("anger", "fear"), "anger/b.png": (), "fear/c.png": ()}
    assert sorted(row.reason for row in rows if isinstance(row, BadRow)) == [
        "duplicate_row",
        "missing_image",
        "other_class",
    ]
    assert ["'bored'" in warnings[0], "have no row" in warnings[1]] == [True, True]


@pytest.mark.parametrize("third", ["train", "test"])
def test_a_copys_validation_faces_are_the_test_split_unless_it_has_one(
    tmp_path: Path, third: str
) -> None:
    """AffectNet's own test faces were never released."""
    touch(tmp_path, "train/anger/a.png", "val/anger/b.png", f"{third}/fear/c.png")
    rows, _ = read_folders(tmp_path, tmp_path / "out")
    splits = {row.file: row.split for row in rows if isinstance(row, AffectnetFace)}
    assert splits["train/anger/a.png"] == "train"
    assert splits["val/anger/b.png"] == ("val" if third == "test" else "test")
    assert splits[f"{third}/fear/c.png"] == third


def test_a_table_without_its_columns_or_a_root_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(YoloFerError, match="neither train_set/images"):
        read_folders(tmp_path, tmp_path / "out")
    touch(tmp_path, "anger/a.png")
    (tmp_path / LABELS).write_text("path,label\n")
    with pytest.raises(YoloFerError, match="no column pth"):
        read_folders(tmp_path, tmp_path / "out")
