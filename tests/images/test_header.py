"""What the header of an image claims, before anything is decoded."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.helpers.saved_images import chunk, reason, resized, saved
from yolo_fer import images
from yolo_fer.errors import ImageError

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\x0a" + bytes(30), "JPEG XL"),
        (b"II*\0\x10\0\0\0CR\x02\0" + bytes(40), "raw file"),
        (b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom", "raw file"),
        (b"8BPS" + bytes(30), "Photoshop"),
    ],
)
def test_images_that_are_not_read_are_named(data: bytes, words: str) -> None:
    with pytest.raises(ImageError, match=f"{words}.*export it as JPEG") as caught:
        images.decode(data)
    assert caught.value.reason == "unsupported_image"


def test_the_preview_of_a_raw_file_is_not_taken_for_the_photograph() -> None:
    assert reason(saved("TIFF", tiffinfo={254: 1})) == "unsupported_image"
    assert reason(saved("TIFF", tiffinfo={50706: b"\1\4\0\0"})) == "unsupported_image"


@pytest.mark.parametrize(("width", "height"), [(20_000, 20_000), (65_000, 65_000)])
def test_a_header_that_claims_too_much_is_refused_without_a_warning(
    width: int, height: int
) -> None:
    data = resized(saved("JPEG"), width, height)
    for decode in (images.decode, images.decode_grey, images.decode_reduced):
        with pytest.raises(ImageError) as caught:
            decode(data)
        assert caught.value.reason == "image_too_large"


def test_a_progressive_jpeg_of_thousands_of_scans_is_refused_at_once() -> None:
    whole = saved("JPEG", progressive=True)
    assert images.decode(whole).shape == (40, 60, 3)
    last = whole.rfind(b"\xff\xda")
    scan = whole[last:-2]
    assert reason(whole[:-2] + 3000 * scan + whole[-2:]) == "image_too_large"


def test_a_large_progressive_jpeg_may_have_as_many_scans_as_are_usual() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
    whole = saved("JPEG", PillowImage.fromarray(noise), progressive=True)
    assert whole.count(b"\xff\xda") > 5
    assert images.decode(whole).shape == (200, 300, 3)


def test_a_png_that_inflates_to_far_more_than_its_pixels_is_refused_at_once() -> None:
    packed = zlib.compress(bytes(1 << 27), 1)
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    assert reason(b"\x89PNG\r\n\x1a\n" + b"".join(map(chunk, *zip(*chunks, strict=True)))) == (
        "corrupt_image"
    )
