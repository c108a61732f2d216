"""Images of every common format, as a viewer shows them; whole ones pass, others have a reason."""

from __future__ import annotations

import io
import os
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageOps

from yolo_fer import images
from yolo_fer.errors import ImageError

pytestmark = pytest.mark.filterwarnings("error")


def picture(width: int = 60, height: int = 40) -> PillowImage.Image:
    """Black, red at the top left and green at the bottom right."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 3] = (255, 0, 0)
    pixels[height // 2 :, -width // 3 :] = (0, 255, 0)
    return PillowImage.fromarray(pixels)


def saved(kind: str, image: PillowImage.Image | None = None, **how: object) -> bytes:
    file = io.BytesIO()
    (image or picture()).save(file, kind, **how)  # type: ignore[arg-type]
    return file.getvalue()


def heic(orientation: int = 1) -> bytes:
    pillow_heif = pytest.importorskip("pillow_heif")
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    pillow_heif.from_pillow(picture()).save(file, quality=-1, exif=exif.tobytes())
    return file.getvalue()


def reason(data: bytes) -> str:
    with pytest.raises(ImageError) as caught:
        images.decode(data)
    return caught.value.reason


def is_upright(image: images.Image) -> bool:
    """Red at the top left and green at the bottom right, in BGR."""
    red, green = image[5, 5].astype(int), image[-5, -5].astype(int)
    return bool(red[2] > 180 > red[1] + 80 and green[1] > 180 > green[2] + 80)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "JPEG2000", "AVIF", "PPM", "TIFF"])
def test_every_common_format_is_read(kind: str) -> None:
    image = images.decode(saved(kind))
    assert image.shape == (40, 60, 3)
    assert is_upright(image)
    assert images.decode_grey(saved(kind)).shape == (40, 60)


def test_heic_is_read() -> None:
    assert is_upright(images.decode(heic()))


def test_heic_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    data = heic()
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ImageError, match="pip install pillow-heif") as caught:
        images.decode(data)
    assert caught.value.reason == "unsupported_image"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_pixels_are_those_that_a_viewer_sees(kind: str, orientation: int) -> None:
    """AVIF stores the orientation as `irot` and `imir`."""
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    data = saved(kind, exif=exif.tobytes())
    with PillowImage.open(io.BytesIO(data)) as stored:
        expected = np.asarray(ImageOps.exif_transpose(stored).convert("RGB"))[:, :, ::-1]
    image = images.decode(data)
    assert image.shape == expected.shape == ((60, 40, 3) if orientation > 4 else (40, 60, 3))
    assert np.abs(image.astype(int) - expected).mean() < 8


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


def test_a_photograph_of_108_million_pixels_is_decoded_at_half_its_size() -> None:
    data = resized(saved("JPEG", PillowImage.new("RGB", (1200, 900), (0, 0, 255))), 12_000, 9_000)
    assert reason(data) == "image_too_large"
    image, size = images.decode_reduced(data)
    assert size == (12_000, 9_000)
    assert image.shape == (4_500, 6_000, 3)


def test_a_reduced_photograph_has_the_size_that_a_viewer_sees() -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    small = saved("JPEG", PillowImage.new("RGB", (1200, 900)), exif=exif.tobytes())
    image, size = images.decode_reduced(resized(small, 12_000, 9_000))
    assert size == (9_000, 12_000)
    assert image.shape == (6_000, 4_500, 3)


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


def test_a_png_that_claims_a_chunk_of_two_gigabytes_is_cut_short() -> None:
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
    assert reason(data + struct.pack(">I", 0x7FFFFFFF) + b"IDAT" + bytes(9)) == "truncated_image"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def resized(jpeg: bytes, width: int, height: int) -> bytes:
    """A JPEG file that claims another size, and is grey where its data end."""
    at = jpeg.find(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


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
