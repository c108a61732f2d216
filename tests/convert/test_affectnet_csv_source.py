"""AffectNet's release of 2017: a row per face, with its box in a whole image."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from yolo_fer.convert.affectnet_csv_source import find_tables, has_automatic_table, read_tables
from yolo_fer.convert.affectnet_source import AffectnetFace
from yolo_fer.convert.rows import BadRow
from yolo_fer.dataset.samples import Box
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError

COLUMNS = [
    "subDirectory_filePath", "face_x", "face_y", "face_width", "face_height", "facial_landmarks",
    "expression", "valence", "arousal",
]  # fmt: skip


BOX = (10, 20, 30, 40)


def row(file: str, expression: object = 1, box: tuple[object, ...] = BOX) -> list[object]:
    return [file, *box, "1;2", expression, 0.1, 0.2]


def write(path: Path, *rows: list[object], header: bool = True) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([*([COLUMNS] if header else []), *rows])
    return path


def read(root: Path) -> list[AffectnetFace | BadRow]:
    return [*read_tables(root, find_tables(root))]


@pytest.mark.parametrize("header", [True, False])
def test_a_row_is_a_face_with_its_box_also_without_a_header(tmp_path: Path, header: bool) -> None:
    write(tmp_path / "validation.csv", row("1/a.jpg", 6), header=header)
    write(tmp_path / "sub" / "Training.csv", row("2/b.jpg", 0))
    (tmp_path / "Manually_Annotated_Images" / "2").mkdir(parents=True)
    (tmp_path / "Manually_Annotated_Images" / "2" / "b.jpg").touch()
    training, test = read(tmp_path)
    folder = "Manually_Annotated_Images"
    assert training == AffectnetFace(
        2, f"{folder}/2/b.jpg", Emotion.NEUTRAL, "train", Box(10, 20, 40, 60)
    )
    assert isinstance(test, AffectnetFace)
    assert (test.line, test.emotion, test.split) == (1 + header, Emotion.ANGER, "test")


@pytest.mark.parametrize(
    "folder", ["Manually_Annotated_Images", "in/Manually_Annotated_Images", "."]
)
def test_images_are_found_wherever_they_were_unpacked(tmp_path: Path, folder: str) -> None:
    write(tmp_path / "training.csv", row("1/a.jpg"))
    (tmp_path / folder / "1").mkdir(parents=True)
    (tmp_path / folder / "1" / "a.jpg").touch()
    (face,) = read(tmp_path)
    assert isinstance(face, AffectnetFace)
    assert (tmp_path / face.file).is_file()


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row(""), "malformed_row"),
        (row("../a.jpg"), "unsafe_path"),
        (row("C:\\a.jpg"), "unsafe_path"),
        (row("a.jpg", 9), "other_class"),
        (row("a.jpg", 12), "unknown_label"),
        (row("a.jpg", 1, (10, 20, 0, 40)), "invalid_box"),
        (row("a.jpg", 1, (10, 20, "NULL", 40)), "invalid_box"),
        (["a.jpg"], "unknown_label"),
    ],
)
def test_a_row_that_cannot_be_used_has_a_reason(
    tmp_path: Path, bad: list[object], reason: str
) -> None:
    write(tmp_path / "training.csv", bad)
    (found,) = read(tmp_path)
    assert isinstance(found, BadRow)
    assert found.reason == reason
    assert found.image.startswith("training.csv:2 ")


def test_the_labels_of_a_network_are_known_of_and_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "training.csv", row("a.jpg"))
    assert not has_automatic_table(tmp_path)
    write(tmp_path / "automatically_annotated.csv", row("b.jpg"))
    assert has_automatic_table(tmp_path)
    assert [path.name for path in find_tables(tmp_path)] == ["training.csv"]


def test_a_table_of_another_kind_is_told_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "training.csv").write_text("name,emotion\na.jpg,1\n")
    with pytest.raises(YoloFerError, match="no column subdirectory_filepath, face_x"):
        read(tmp_path)
