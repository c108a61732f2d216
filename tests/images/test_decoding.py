"""Images of every common format, as a viewer shows them; whole ones pass, others have a reason."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageOps

from tests.helpers.saved_images import is_upright, reason, resized, saved
from yolo_fer import images

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "JPEG2000", "AVIF", "PPM", "TIFF"])
def test_every_common_format_is_read(kind: str) -> None:
    image = images.decode(saved(kind))
    assert image.shape == (40, 60, 3)
    assert is_upright(image)
    assert images.decode_grey(saved(kind)).shape == (40, 60)


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
