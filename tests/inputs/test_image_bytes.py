"""Images that are no files: in an open file, behind an address, from standard input."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from tests.helpers.saved_images import is_upright, saved
from tests.helpers.web_server import serving
from yolo_fer.errors import ImageError
from yolo_fer.inputs import image_bytes
from yolo_fer.inputs.image_bytes import read_address, read_input, read_open
from yolo_fer.inputs.listing import ImageInput, collect_inputs


def test_an_open_file_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(saved("PNG"))
    with path.open("rb") as file:
        assert read_open(file) == saved("PNG")
    assert read_open(io.BytesIO(b"")) == b""


def test_a_file_that_is_open_for_text_is_told_how_to_open(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no bytes")
    with (tmp_path / "a.txt").open() as file, pytest.raises(ImageError, match="mode 'rb'") as error:
        read_open(file)  # type: ignore[arg-type]
    assert error.value.reason == "not_an_image"


def test_a_file_that_cannot_be_read_is_an_error_with_its_cause(tmp_path: Path) -> None:
    closed = io.BytesIO(saved("PNG"))
    closed.close()
    with pytest.raises(ImageError, match="closed") as error:
        read_open(closed)
    assert error.value.reason == "unreadable_image"
    with (tmp_path / "a").open("wb") as writing, pytest.raises(ImageError, match="cannot be read"):
        read_open(writing)


def test_a_file_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_bytes, "MAX_BYTES", 5000)
    with (
        Path("/dev/zero").open("rb") as file,
        pytest.raises(ImageError, match="more than") as error,
    ):
        read_open(file)
    assert error.value.reason == "image_too_large"


def test_an_image_behind_an_address_has_the_size_that_it_has_there() -> None:
    with serving({"/a.png": saved("PNG")}) as server:
        image, size = read_address(f"{server}/a.png")
        assert (image.shape, size) == ((40, 60, 3), (60, 40))
        (item,) = collect_inputs([f"{server}/a.png"])
        assert isinstance(item, ImageInput)
        assert (read_input(item)[0] == image).all()


def test_what_is_wrong_behind_an_address_names_it_without_its_password() -> None:
    with serving({"/a.png": b"no image"}) as server:
        address = server.replace("http://", "http://me:SECRET@")
        with pytest.raises(ImageError, match=r"/a\.png: .*not an image") as error:
            read_address(f"{address}/a.png")
    assert error.value.reason == "not_an_image"
    assert "SECRET" not in str(error.value)


def test_standard_input_may_be_an_image(monkeypatch: pytest.MonkeyPatch) -> None:
    (item,) = collect_inputs(["-"])
    assert isinstance(item, ImageInput)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(saved("PNG"))))
    assert is_upright(read_input(item)[0])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(ImageError, match="standard input: the file is empty"):
        read_input(item)
