"""Where an image ends within its file, told by its markers and chunks alone."""

from __future__ import annotations

import os
import struct

import pytest

from tests.helpers.saved_images import chunk, picture, reason, saved
from yolo_fer import images
from yolo_fer.images.structure import has_more_frames, is_animated, outline_jpeg, outline_png

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize(
    "behind", [b"\0" * 500, b"\0\0\0\x18ftypmp42" + os.urandom(3000), b"\xff\xda" * 40]
)
def test_what_stands_behind_an_image_does_not_matter(kind: str, behind: bytes) -> None:
    """Phones put a video behind a photograph, tools their own notes."""
    whole = saved(kind)
    assert (images.decode(whole + behind) == images.decode(whole)).all()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_an_image_that_is_cut_short_is_refused_also_with_a_thumbnail_in_it(kind: str) -> None:
    thumbnail = b"Exif\0\0" + saved("JPEG", picture(30, 20))
    whole = saved(kind, exif=thumbnail) if kind == "JPEG" else saved(kind)
    for size in (len(whole) - 2, len(whole) - 20, len(whole) - 90):
        assert reason(whole[:size]) == "truncated_image"


def test_a_png_that_claims_a_chunk_of_two_gigabytes_is_cut_short() -> None:
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
    assert reason(data + struct.pack(">I", 0x7FFFFFFF) + b"IDAT" + bytes(9)) == "truncated_image"


def test_the_markers_of_a_jpeg_file_tell_its_size_its_scans_and_its_end() -> None:
    whole = saved("JPEG", progressive=True)
    outline = outline_jpeg(b"before" + whole + b"behind", start=6)
    assert outline.size == (60, 40)
    assert outline.progressive
    assert outline.scans == whole.count(b"\xff\xda")
    assert outline.end == 6 + len(whole)
    assert outline_jpeg(whole[:-2]).end is None


def test_the_chunks_of_a_png_file_tell_its_size_and_whether_it_is_whole() -> None:
    whole = saved("PNG")
    outline = outline_png(whole)
    assert (outline.size, outline.is_whole) == ((60, 40), True)
    assert 0 < outline.data_bytes < len(whole)
    assert not outline_png(whole[:-12]).is_whole
    assert outline_png(b"").size is None


def test_a_second_image_of_the_same_size_makes_a_motion_jpeg_video() -> None:
    frame = saved("JPEG")
    assert has_more_frames(2 * frame)
    assert not has_more_frames(frame)
    assert not has_more_frames(frame + saved("JPEG", picture(30, 20)))
    assert not has_more_frames(frame[:-2])


def test_the_images_of_a_multi_picture_file_are_no_video() -> None:
    several = saved("MPO", save_all=True, append_images=[picture()])
    assert outline_jpeg(several).is_part
    assert not has_more_frames(several)


def test_only_a_png_file_of_several_frames_is_animated() -> None:
    assert is_animated(saved("PNG", save_all=True, append_images=[picture(60, 40).rotate(90)]))
    assert not is_animated(saved("PNG"))
