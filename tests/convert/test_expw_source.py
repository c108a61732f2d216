from __future__ import annotations

from pathlib import Path

import pytest

from yolo_fer.convert.expw_source import ExpwFolder, read_rows
from yolo_fer.dataset.samples import Box
from yolo_fer.emotions import Emotion
from yolo_fer.errors import YoloFerError


def rows_of(tmp_path: Path, data: bytes) -> tuple[list, list]:
    path = tmp_path / "label.lst"
    path.write_bytes(data)
    return read_rows(path)


def test_a_row_is_top_left_right_bottom(tmp_path: Path) -> None:
    faces, bad = rows_of(tmp_path, b"angry actor.jpg 2 28 30 193 191 13.9434 2\n")
    assert not bad
    assert faces[0].image == "angry actor.jpg"
    assert faces[0].box == Box(x1=30, y1=28, x2=193, y2=191)
    assert faces[0].score == pytest.approx(13.9434)
    assert faces[0].emotion is Emotion.FEAR


@pytest.mark.parametrize(
    ("number", "emotion"),
    [
        (0, Emotion.ANGER),
        (1, Emotion.DISGUST),
        (2, Emotion.FEAR),
        (3, Emotion.HAPPINESS),
        (4, Emotion.SADNESS),
        (5, Emotion.SURPRISE),
        (6, Emotion.NEUTRAL),
        (7, None),
        (-1, None),
        (2.5, None),
    ],
)
def test_labels_are_mapped_by_name(tmp_path: Path, number: float, emotion: Emotion | None) -> None:
    faces, _ = rows_of(tmp_path, f"a.jpg 0 1 1 9 9 80 {number}\n".encode())
    assert faces[0].emotion is emotion


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a.jpg 0 1 1 9 9 80", "malformed_row"),  # too few fields
        ("my face.jpg 0 1 1 9 9 80", "malformed_row"),  # too few, hidden by a space
        ("a.jpg 0 1 1 9 9 80 3 7", "malformed_row"),  # too many
        ("a.jpg 0 1 one 9 9 80 3", "malformed_row"),  # a word for a number
        ("noname 0 1 1 9 9 80 3", "malformed_row"),  # not an image
        ("a.jpg 0 nan 1 9 9 80 3", "not_a_number"),
        ("a.jpg 0 1 1 9 9 inf 3", "not_a_number"),
        ("a.jpg 0 9 1 9 1 80 3", "invalid_box"),  # top below bottom
        ("a.jpg 0 1 9 1 9 80 3", "invalid_box"),  # left beyond right
        ("a.jpg 0 5 5 5 5 80 3", "invalid_box"),  # empty
        ("../a.jpg 0 1 1 9 9 80 3", "unsafe_path"),
        ("x/../../a.jpg 0 1 1 9 9 80 3", "unsafe_path"),
        ("/etc/a.jpg 0 1 1 9 9 80 3", "unsafe_path"),
        ("C:\\a.jpg 0 1 1 9 9 80 3", "unsafe_path"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_reason(tmp_path: Path, row: str, reason: str) -> None:
    faces, bad = rows_of(tmp_path, f"good.jpg 0 1 1 9 9 80 3\n{row}\n".encode())
    assert len(faces) == 1
    assert [(b.line, b.reason) for b in bad] == [(2, reason)]
    assert bad[0].detail


def test_bom_crlf_blank_lines_and_a_missing_last_newline_are_no_matter(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbfa.jpg 0 1 1 9 9 80 3\r\n\r\n   \r\nb.jpg 0 1 1 9 9 80 4"
    faces, bad = rows_of(tmp_path, data)
    assert [(f.image, f.line) for f in faces] == [("a.jpg", 1), ("b.jpg", 4)]
    assert not bad


def test_names_keep_non_ascii_letters_and_other_encodings_are_reported(tmp_path: Path) -> None:
    text = "fröhlich é.jpg 0 1 1 9 9 80 3\n"
    faces, bad = rows_of(tmp_path, text.encode() + text.encode("latin-1"))
    assert [f.image for f in faces] == ["fröhlich é.jpg"]
    assert [(b.line, b.reason) for b in bad] == [(2, "malformed_row")]


def test_decomposed_file_names_are_found(tmp_path: Path) -> None:
    (tmp_path / "label.lst").write_text("x")
    (tmp_path / "e\u0301.jpg").write_bytes(b"x")
    folder = ExpwFolder.find(tmp_path)
    assert list(folder.images()) == ["\u00e9.jpg"]


def test_images_may_lie_beside_label_lst(tmp_path: Path) -> None:
    (tmp_path / "label.lst").write_text("x")
    (tmp_path / "a.jpg").write_bytes(b"x")
    assert ExpwFolder.find(tmp_path).image_folder.samefile(tmp_path)


def test_a_folder_without_label_lst_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(YoloFerError, match=r"label/label\.lst"):
        ExpwFolder.find(tmp_path)
    with pytest.raises(YoloFerError, match="is not a folder"):
        ExpwFolder.find(tmp_path / "nowhere")
