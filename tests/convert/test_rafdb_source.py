"""RAF-DB's label file, its aligned faces and its photographs with their boxes."""

from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.convert.rafdb_source import RafdbFace, RafdbFolder
from yolo_fer.convert.rows import BadRow
from yolo_fer.dataset.samples import Box
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError


def write(root: Path, labels: str, *images: str, **boxes: str) -> Path:
    base = root / "basic"
    for folder in ("EmoLabel", "Image/aligned", "Image/original", "Annotation/boundingbox"):
        (base / folder).mkdir(parents=True, exist_ok=True)
    (base / "EmoLabel" / "list_patition_label.txt").write_text(labels)
    for image in images:
        (base / "Image" / image).touch()
    for stem, text in boxes.items():
        (base / "Annotation" / "boundingbox" / f"{stem}_boundingbox.txt").write_text(text)
    return root


def rows(root: Path) -> list[RafdbFace | BadRow]:
    return [*RafdbFolder.find(root).rows()]


def test_a_row_is_an_aligned_face_or_the_whole_photograph_with_its_box(tmp_path: Path) -> None:
    write(
        tmp_path,
        "\ufefftrain_1.jpg 5\n\ntest_2.jpg 4\n",
        "aligned/train_1_aligned.jpg",
        "aligned/test_2_aligned.jpg",
        "original/test_2.jpg",
        test_2="10 20 30.5 40",
    )
    assert rows(tmp_path) == [
        RafdbFace(1, "aligned/train_1_aligned.jpg", Emotion.SADNESS, "train", None),
        RafdbFace(3, "original/test_2.jpg", Emotion.HAPPINESS, "test", Box(10, 20, 30.5, 40)),
    ]


def test_a_photograph_without_its_box_is_replaced_by_the_aligned_face(tmp_path: Path) -> None:
    write(tmp_path, "train_1.jpg 1", "original/train_1.jpg", "aligned/train_1_aligned.jpg")
    (face,) = rows(tmp_path)
    assert isinstance(face, RafdbFace)
    assert face.file == "aligned/train_1_aligned.jpg"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("train_1.jpg", "malformed_row"),
        ("train_1.jpg 5 5", "malformed_row"),
        ("../train_1.jpg 5", "malformed_row"),
        ("other_1.jpg 5", "malformed_row"),
        ("train_1.jpg 0", "unknown_label"),
        ("train_1.jpg 8", "unknown_label"),
        ("train_1.jpg happy", "unknown_label"),
        ("train_9.jpg 5", "missing_image"),
        ("train_2.jpg 5", "missing_box"),
        ("train_3.jpg 5", "invalid_box"),
        ("train_4.jpg 5", "invalid_box"),
    ],
)
def test_a_row_that_cannot_be_used_has_a_reason(tmp_path: Path, row: str, reason: str) -> None:
    write(
        tmp_path,
        row,
        *(f"original/train_{number}.jpg" for number in (2, 3, 4)),
        train_3="10 20 5 40",
        train_4="ten 20 30 40",
    )
    (bad,) = rows(tmp_path)
    assert isinstance(bad, BadRow)
    assert (bad.line, bad.reason) == (1, reason)


def test_what_is_missing_below_the_root_is_said(tmp_path: Path) -> None:
    with pytest.raises(YoloFerError, match=r"no basic/EmoLabel.*yolo-fer convert folders"):
        RafdbFolder.find(tmp_path)
    write(tmp_path, "train_1.jpg 5")
    for name in ("aligned", "original"):
        (tmp_path / "basic" / "Image" / name).rmdir()
    with pytest.raises(YoloFerError, match=r"unpack aligned\.zip or original\.zip"):
        RafdbFolder.find(tmp_path)
    with pytest.raises(YoloFerError, match="is not a folder"):
        RafdbFolder.find(tmp_path / "nowhere")
