"""Files that are none, or too large, have a reason; nothing hangs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from yolo_fer import images
from yolo_fer.errors import ImageError


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_file_does_not_hang(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.jpg"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path = Path("/dev/zero")
    with pytest.raises(ImageError, match="not a file") as caught:
        images.read(path)
    assert caught.value.reason == "unreadable_image"


def test_a_name_that_no_file_can_have_is_missing() -> None:
    with pytest.raises(ImageError, match="does not exist") as caught:
        images.read(Path("a\0b.jpg"))
    assert caught.value.reason == "missing_image"


def test_a_file_larger_than_any_image_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.jpg").open("wb") as file:
        file.truncate(5 << 30)
    with pytest.raises(ImageError, match=r"5\.4 GB") as caught:
        images.read(tmp_path / "a.jpg")
    assert caught.value.reason == "image_too_large"
