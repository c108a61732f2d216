"""An image in whatever people hold it: the same faces, and the same errors."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from tests.helpers.coloured import PIXELS, PNG
from tests.helpers.web_server import serving
from yolo_fer import Detector, images
from yolo_fer.errors import ImageError, UsageError


def test_every_form_of_an_image_gives_the_same_faces(detector: Detector, path: Path) -> None:
    rgb = np.ascontiguousarray(PIXELS[:, :, ::-1])
    forms = {
        "text": str(path),
        "path": path,
        "array": PIXELS,
        "bytes": PNG,
        "bytearray": bytearray(PNG),
        "view": memoryview(PNG),
        "memory": io.BytesIO(PNG),
        "pillow": Pillow.fromarray(rgb),
        "pillow from a file": Pillow.open(path),
    }
    expected = detector(PIXELS)
    assert len({round(score, 3) for score in expected.faces[0].scores[:3]}) == 3
    for name, form in forms.items():
        assert detector(form).faces == expected.faces, name
    assert [found.faces for found in detector.predict([PNG, path, PIXELS])] == [expected.faces] * 3
    with path.open("rb") as file:
        assert detector(file).faces == expected.faces
    assert detector(rgb, rgb=True).faces == expected.faces
    assert detector(rgb).faces != expected.faces
    assert detector([rgb, path], rgb=True)[1].faces == expected.faces  # a file says it itself
    with serving({"/a.png": PNG}) as address:
        assert detector(f"{address}/a.png").faces == expected.faces


def test_a_file_is_named_and_read_again_other_pixels_are_held(
    detector: Detector, path: Path
) -> None:
    found = detector(path)
    assert found.source == str(path)
    assert found.image is None
    assert (found.plot(PIXELS) == found.plot()).all()
    for form in (PIXELS, PNG, Pillow.open(path)):
        held = detector(form)
        assert held.source == ""
        assert held.image is not None
        assert (held.image == PIXELS).all()
    with serving({"/a.png": PNG}) as address:
        fetched = detector(f"{address}/a.png?token=SECRET")
    assert fetched.source == f"{address}/a.png?token=***"
    assert (fetched.plot() == found.plot()).all()


@pytest.mark.parametrize(
    ("mode", "level"),
    [("L", 100), ("RGBA", 100), ("P", 102), ("CMYK", 100), ("I;16", 100), ("1", 0)],
)
def test_pillow_images_of_every_mode_are_read(detector: Detector, mode: str, level: int) -> None:
    if mode == "I;16":
        image = Pillow.fromarray(np.full((60, 80), level << 8, np.uint16))
    else:
        image = Pillow.new("RGB", (80, 60), (level,) * 3).convert(mode)
    held = detector(image).image
    assert held is not None
    assert held.shape == (60, 80, 3)
    assert np.abs(held.astype(int) - level).max() <= 1


def test_a_pillow_image_is_turned_as_a_viewer_turns_it(detector: Detector) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Pillow.new("RGB", (64, 48)).save(file, "JPEG", exif=exif)
    from_file, from_pillow = detector(file.getvalue()), detector(Pillow.open(file))
    assert (from_file.width, from_file.height) == (48, 64)
    assert (from_pillow.width, from_pillow.height) == (48, 64)


class Broken(io.RawIOBase):
    def read(self, size: int = -1, /) -> bytes:
        raise OSError("the disk is gone")


def bad_images() -> Iterator[tuple[object, str, str]]:
    yield b"", "empty_image", "empty"
    yield b"text", "not_an_image", "not an image"
    yield PNG[:-9], "truncated_image", "cut short"
    yield io.StringIO("text"), "not_an_image", "mode 'rb'"
    yield io.BytesIO(), "empty_image", "empty"
    yield Broken(), "unreadable_image", "the disk is gone"
    yield Pillow.new("F", (4, 4)), "unsupported_image", "convert it to RGB"
    yield Pillow.new("1", (20_000, 10_000)), "image_too_large", "100 million"
    yield "missing.jpg", "missing_image", "does not exist"
    yield "x" * 300, "unreadable_image", "cannot be read"


@pytest.mark.parametrize(("given", "reason", "words"), [*bad_images()])
def test_what_cannot_be_read_has_a_reason(
    detector: Detector, given: object, reason: str, words: str
) -> None:
    with pytest.raises(ImageError, match=words) as caught:
        detector(given)  # type: ignore[call-overload]
    assert caught.value.reason == reason


def test_a_pillow_image_whose_file_is_cut_short_is_corrupt(detector: Detector) -> None:
    file = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    Pillow.fromarray(noise).save(file, "JPEG")
    with pytest.raises(ImageError) as caught:
        detector(Pillow.open(io.BytesIO(file.getvalue()[:-2000])))
    assert caught.value.reason == "corrupt_image"


@pytest.mark.parametrize("address", ["rtsp://me:SECRET@camera/1", "rtmp://server/live"])
def test_the_address_of_a_stream_is_wrong_usage(detector: Detector, address: str) -> None:
    for given in (address, [PNG, address]):
        with pytest.raises(UsageError, match="use `stream`") as error:
            detector(given)  # type: ignore[arg-type]
        assert "SECRET" not in str(error.value)


def test_a_video_is_not_an_image_but_something_for_stream(
    detector: Detector, tmp_path: Path
) -> None:
    pytest.importorskip("av")
    from tests.helpers.raw_affwild2 import film

    clip = film(tmp_path / "clip.mp4", [PIXELS] * 3, codec="libx264")
    with pytest.raises(ImageError, match=r"clip\.mp4: this is a video; use `stream`"):
        detector(clip)


def test_a_huge_photograph_is_decoded_in_part_and_drawn_in_part(
    detector: Detector, tmp_path: Path
) -> None:
    from tests.helpers.pictures import write_huge

    path = write_huge(tmp_path / "108.jpg")
    found = detector(path)
    assert (found.width, found.height) == (12_000, 9_000)
    assert found.plot().shape == (4_500, 6_000, 3)
    assert images.read_reduced(path)[0].shape == (4_500, 6_000, 3)
