"""A format is told by the first bytes of a file, never by its name."""

from __future__ import annotations

import pytest

from tests.helpers.saved_images import saved
from yolo_fer.images.formats import HEAD_BYTES, brands_of, format_of, unread_format


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "JPEG2000", "AVIF", "PPM", "TIFF"])
def test_the_first_bytes_name_the_format_as_pillow_does(kind: str) -> None:
    head = saved(kind)[:HEAD_BYTES]
    assert format_of(head) == kind
    assert unread_format(head) is None


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff\xd8",  # not yet a JPEG file
        b"GIF89a" + bytes(60),  # a video
        b"RIFF\0\0\0\0WAVE" + bytes(50),
        b"BM" + bytes(60),  # a text may begin so
        b"P7 1 1 255 ",
        b"\0\0\0\x18ftypisom\0\0\0\0isommp42",
    ],
)
def test_anything_else_has_no_format(head: bytes) -> None:
    assert format_of(head) is None
    assert unread_format(head) is None


@pytest.mark.parametrize(
    ("brands", "kind"),
    [
        ([b"heic"], "HEIF"),
        ([b"mif1", b"heic"], "HEIF"),
        ([b"mif1", b"avif"], "AVIF"),  # the second says how it is coded
        ([b"avif", b"mif1"], "AVIF"),
    ],
)
def test_the_brands_tell_heic_from_avif(brands: list[bytes], kind: str) -> None:
    first, *others = brands
    body = b"ftyp" + first + bytes(4) + b"".join(others)
    head = (len(body) + 4).to_bytes(4) + body + bytes(8)
    assert brands_of(head) == brands
    assert format_of(head) == kind
