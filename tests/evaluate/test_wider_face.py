from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from yolo_fer.errors import YoloFerError
from yolo_fer.evaluate.wider_face import WiderImage, is_resized, read_wider


def write(folder: Path, text: str) -> Path:
    (folder / "label.txt").write_text(text, encoding="utf-8")
    return folder


def test_each_image_has_its_faces_as_corners(tmp_path: Path) -> None:
    text = "# a.jpg\n1 2 10 20\n5 6 7 8 0.5 -1 -1\n\n# sub/b c.jpg\n"

    first, second = read_wider(write(tmp_path, text))

    assert first.path == tmp_path / "images" / "a.jpg"
    assert first.boxes.tolist() == [[1, 2, 11, 22], [5, 6, 12, 14]]
    assert second.path == tmp_path / "images" / "sub" / "b c.jpg"
    assert second.boxes.shape == (0, 4)


def test_boxes_without_area_are_left_out_and_counted(tmp_path: Path) -> None:
    (image,) = read_wider(write(tmp_path, "# a.jpg\n1 2 0 20\n1 2 3 4\n"))

    assert (len(image.boxes), image.empty) == (1, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 2 3 4\n", "line 1: a face before"),
        ("# a.jpg\n1 2 3\n", "line 2: '1 2 3' is not left, top, width, height"),
        ("# a.jpg\n1 2 3 wide\n", "line 2"),
        ("# a.jpg\n1 2 3 nan\n", "line 2"),
        ("\n\n", "names no image"),
    ],
)
def test_a_file_that_is_not_understood_is_named_with_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(YoloFerError, match=message):
        list(read_wider(write(tmp_path, text)))


def test_a_folder_without_labels_is_told_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(YoloFerError, match=r"label\.txt and images/"):
        list(read_wider(tmp_path))


def test_labels_beyond_the_edge_of_many_images_show_that_they_were_resized(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), np.zeros((416, 416, 3), np.uint8))
    inside = WiderImage(path, np.array([[5.0, 5, 419, 400]]), 0)
    beyond = WiderImage(path, np.array([[600.0, 300, 660, 390]]), 0)

    assert is_resized([inside] * 5 + [beyond])
    assert not is_resized([inside] * 20 + [beyond])
    assert not is_resized([])
