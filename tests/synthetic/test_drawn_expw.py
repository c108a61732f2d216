from __future__ import annotations

import csv
import hashlib
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from yolo_fer.emotions import EXPW, Emotion
from yolo_fer.images import read
from yolo_fer.synthetic.drawn_expw import LONG_SIDE, write_expw

N_IMAGES = 60


def file_hashes(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("expw")
    write_expw(folder, N_IMAGES, seed=3)
    return folder


@pytest.fixture(scope="module")
def rows(root: Path) -> list[list[str]]:
    return [line.split(" ") for line in (root / "label" / "label.lst").read_text().splitlines()]


@pytest.fixture(scope="module")
def truth(root: Path) -> list[dict[str, str]]:
    with (root / "truth.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("first", 1), ("again", 1), ("other", 2)):
        write_expw(tmp_path / name, 6, seed=seed)
    first, again, other = (file_hashes(tmp_path / name) for name in ("first", "again", "other"))
    assert first == again
    assert first.keys() == other.keys()
    assert not set(first.values()) & set(other.values())


def test_the_folder_is_laid_out_like_expw(root: Path, rows: list[list[str]]) -> None:
    files = set(file_hashes(root))
    images = {f"image/origin/{row[0]}" for row in rows}
    assert len(images) == N_IMAGES
    assert files == images | {"label/label.lst", "truth.csv"}
    shapes = {read(root / name).shape for name in images}
    assert {max(shape) for shape in shapes} == {LONG_SIDE}
    assert {shape[0] > shape[1] for shape in shapes} == {True, False}


def test_the_summary_counts_what_was_written(tmp_path: Path) -> None:
    written = write_expw(tmp_path, 12, seed=5)
    with (tmp_path / "truth.csv").open(newline="") as file:
        faces = list(csv.DictReader(file))
    assert written.images == len(list((tmp_path / "image" / "origin").iterdir())) == 12
    assert written.rows == len((tmp_path / "label" / "label.lst").read_text().splitlines())
    assert written.unlabelled == sum(face["labelled"] == "0" for face in faces)
    assert written.copies == len({face["image_name"] for face in faces if face["copy_of"]})


def test_rows_hold_top_first_and_boxes_are_square(
    rows: list[list[str]], truth: list[dict[str, str]]
) -> None:
    true_boxes = defaultdict(set)
    for face in truth:
        box = tuple(int(face[side]) for side in ("left", "top", "right", "bottom"))
        true_boxes[face["image_name"]].add(box)
    for name, _, top, left, right, bottom, _, _ in rows:
        box = (int(left), int(top), int(right), int(bottom))
        assert box[2] - box[0] == box[3] - box[1] > 0
        assert box in true_boxes[name]


def test_an_images_rows_are_numbered_from_zero(rows: list[list[str]]) -> None:
    numbers = defaultdict(list)
    for row in rows:
        numbers[row[0]].append(int(row[1]))
    assert all(found == list(range(len(found))) for found in numbers.values())
    assert max(len(found) for found in numbers.values()) > 1


def test_labels_follow_expws_numbering(rows: list[list[str]], truth: list[dict[str, str]]) -> None:
    copies = {face["image_name"] for face in truth if face["copy_of"]}
    names = {
        (face["image_name"], face["left"], face["top"]): face["emotion"]
        for face in truth
        if face["labelled"] == "1"
    }
    checked = [row for row in rows if row[0] not in copies]
    assert checked
    for name, _, top, left, _, _, _, label in checked:
        assert EXPW[int(label)].label == names[name, left, top]


def test_classes_are_balanced(truth: list[dict[str, str]]) -> None:
    counts = Counter(
        face["emotion"] for face in truth if face["labelled"] == "1" and not face["copy_of"]
    )
    assert set(counts) == {emotion.label for emotion in Emotion}
    assert max(counts.values()) - min(counts.values()) <= 1


def test_most_scores_are_above_50_and_a_few_below(rows: list[list[str]]) -> None:
    scores = np.array([float(row[6]) for row in rows])
    assert scores.min() >= 0.2
    assert scores.max() <= 138
    assert 0.01 < (scores < 50).mean() < 0.25


def test_some_boxes_pass_the_images_edge(root: Path, rows: list[list[str]]) -> None:
    passing = 0
    for name, _, top, left, right, bottom, _, _ in rows:
        height, width = read(root / "image" / "origin" / name).shape[:2]
        passing += min(int(top), int(left)) < 0 or int(right) > width or int(bottom) > height
    assert 0 < passing < 0.2 * len(rows)


def test_copies_are_identical_files_with_labels_of_their_own(
    root: Path, rows: list[list[str]], truth: list[dict[str, str]]
) -> None:
    pairs = {(face["image_name"], face["copy_of"]) for face in truth if face["copy_of"]}
    labels = defaultdict(list)
    for name, _, *rest in rows:
        labels[name].append(rest)
    assert pairs
    for copy, original in pairs:
        assert (root / "image" / "origin" / copy).read_bytes() == (
            root / "image" / "origin" / original
        ).read_bytes()
    assert any(labels[copy] == labels[original] for copy, original in pairs)
    assert any(labels[copy] != labels[original] for copy, original in pairs)


def test_unlabelled_faces_stand_in_the_truth_but_have_no_row(
    rows: list[list[str]], truth: list[dict[str, str]]
) -> None:
    labelled_boxes = {(row[0], row[3], row[2]) for row in rows}
    unlabelled = [face for face in truth if face["labelled"] == "0"]
    assert 0.1 < len(unlabelled) / len(truth) < 0.3
    for face in unlabelled:
        assert (face["image_name"], face["left"], face["top"]) not in labelled_boxes


def test_every_face_is_labelled_when_nothing_else_is_asked_for(tmp_path: Path) -> None:
    assert write_expw(tmp_path, 10, seed=0, unlabelled_share=0.0).unlabelled == 0
