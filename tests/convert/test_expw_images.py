"""ExpW's image files: damaged, odd and plain ones."""

from __future__ import annotations

import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.helpers.converted import labels
from tests.helpers.converted import rows as manifest
from tests.helpers.converted_expw import convert
from tests.helpers.raw_expw import RawExpw, picture
from yolo_fer import images

BAD_IMAGES: dict[str, tuple[bytes | None, str]] = {
    "missing.jpg": (None, "missing_image"),
    "empty.jpg": (b"", "empty_image"),
    "truncated.jpg": (images.encode_jpeg(picture(5))[:-200], "truncated_image"),
    "truncated.png": (cv2.imencode(".png", picture(6))[1].tobytes()[:-50], "truncated_image"),
    "text.jpg": (b"this is not an image", "not_an_image"),
    "header only.jpg": (images.encode_jpeg(picture(5))[:30], "truncated_image"),
}


@pytest.mark.parametrize("name", BAD_IMAGES)
def test_a_bad_image_costs_its_rows_and_nothing_else(
    raw: RawExpw, tmp_path: Path, name: str
) -> None:
    data, reason = BAD_IMAGES[name]
    if data is not None:
        raw.image(name, data)
    raw.row(name)
    raw.row(name, (70, 10, 110, 50))
    raw.face("good.jpg", seed=1)
    report = convert(raw, tmp_path / "out")
    assert report["dropped"] == {reason: 2}
    assert list(labels(tmp_path / "out")) == ["good.txt"]
    dropped = (tmp_path / "out" / "dropped.csv").read_text()
    assert name in dropped
    assert reason in dropped


def test_a_header_that_claims_too_many_pixels_is_not_decoded(raw: RawExpw, tmp_path: Path) -> None:
    data = bytearray(cv2.imencode(".png", picture(6))[1].tobytes())
    data[16:24] = (30_000).to_bytes(4) * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4)
    raw.image("bomb.png", bytes(data))
    raw.row("bomb.png")
    raw.face("good.jpg", seed=1)
    report = convert(raw, tmp_path / "out")
    assert report["dropped"] == {"image_too_large": 1}


def test_odd_but_whole_images_become_plain_jpegs(raw: RawExpw, tmp_path: Path) -> None:
    rgb = cv2.cvtColor(picture(1), cv2.COLOR_BGR2RGB)
    PillowImage.fromarray(rgb).convert("CMYK").save(raw.images / "cmyk.jpg")
    deep = picture(2)[:, :, 0].astype(np.uint16) * 257
    cv2.imwrite(str(raw.images / "deep.png"), deep)
    raw.image("liar.jpg", cv2.imencode(".png", picture(3))[1].tobytes())
    alpha = np.dstack([picture(4), np.full((90, 120), 128, np.uint8)])
    raw.image("alpha.png", cv2.imencode(".png", alpha)[1].tobytes())
    raw.image("pixel.png", np.zeros((1, 1, 3), np.uint8))
    plain = cv2.imencode(".jpg", picture(5))[1].tobytes()
    cut = b"\xff\xed\x00\x12Photoshop 3.0\x008B"  # OpenCV skips that segment, Pillow fails
    raw.image("photoshop.jpg", plain[:2] + cut + plain[2:])
    for name in ("cmyk.jpg", "deep.png", "liar.jpg", "alpha.png", "photoshop.jpg"):
        raw.row(name)
    raw.row("pixel.png", (0, 0, 1, 1))
    report = convert(raw, tmp_path / "out")
    assert report["images_out"] == 6
    for row in manifest(tmp_path / "out"):
        data = (tmp_path / "out" / row["file"]).read_bytes()
        assert images.is_plain_jpeg(data)
        original = images.read(raw.images / row["source_file"]).astype(int)
        assert np.abs(images.decode(data).astype(int) - original).mean() < 12


def test_exif_rotation_is_applied_once(raw: RawExpw, tmp_path: Path) -> None:
    upright = picture(1, 80, 160)
    exif = PillowImage.Exif()
    exif[0x0112] = 6  # turn clockwise to view
    turned = np.rot90(cv2.cvtColor(upright, cv2.COLOR_BGR2RGB))
    PillowImage.fromarray(turned).save(raw.images / "turned.jpg", exif=exif, quality=95)
    raw.row("turned.jpg", (0, 0, 40, 40))
    convert(raw, tmp_path / "out")
    copy = tmp_path / "out" / "images" / "train" / "turned.jpg"
    assert images.read(copy).shape == upright.shape
    assert images.is_plain_jpeg(copy.read_bytes())
    assert labels(tmp_path / "out")["turned.txt"] == "3 0.250000 0.125000 0.500000 0.250000\n"


def test_a_plain_jpeg_is_copied_byte_for_byte(raw: RawExpw, tmp_path: Path) -> None:
    raw.face("a.jpg", seed=1)
    convert(raw, tmp_path / "out")
    copy = tmp_path / "out" / "images" / "train" / "a.jpg"
    assert copy.read_bytes() == (raw.images / "a.jpg").read_bytes()
    assert not copy.is_symlink()
