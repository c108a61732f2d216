"""HEIC and AVIF, turned as a viewer turns them."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageOps

from tests.helpers.saved_images import is_upright, picture, saved
from yolo_fer import images
from yolo_fer.errors import ImageError

pytestmark = pytest.mark.filterwarnings("error")


def heic(orientation: int = 1) -> bytes:
    pillow_heif = pytest.importorskip("pillow_heif")
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    pillow_heif.from_pillow(picture()).save(file, quality=-1, exif=exif.tobytes())
    return file.getvalue()


def test_heic_is_read() -> None:
    assert is_upright(images.decode(heic()))


def test_heic_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    data = heic()
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ImageError, match="pip install pillow-heif") as caught:
        images.decode(data)
    assert caught.value.reason == "unsupported_image"


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_heic_is_turned_once(orientation: int) -> None:
    image = images.decode(heic(orientation))
    with PillowImage.open(io.BytesIO(heic_as_png(orientation))) as expected:
        difference = image.astype(int) - np.asarray(expected)[:, :, ::-1]
    assert np.abs(difference).mean() < 8


def heic_as_png(orientation: int) -> bytes:
    turned = picture()
    turned.getexif()[0x0112] = orientation
    return saved("PNG", ImageOps.exif_transpose(turned))
