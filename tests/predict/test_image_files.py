"""Many images: good and bad ones, in order, into every kind of result."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.helpers.graphs import raw_output, write_constant
from tests.helpers.pictures import write_grey, write_huge
from tests.helpers.predicted_files import predict
from tests.helpers.predictors import BrightnessPredictor
from yolo_fer import Detector
from yolo_fer.inputs.listing import collect_images
from yolo_fer.predict.image_files import predict_images
from yolo_fer.predict.run_counts import RunCounts


def png_claiming(width: int, height: int) -> bytes:
    """A small PNG file whose header claims another size."""
    file = io.BytesIO()
    PillowImage.new("RGB", (8, 8)).save(file, "PNG")
    header = b"IHDR" + struct.pack(">II", width, height) + file.getvalue()[24:29]
    return (
        file.getvalue()[:12] + header + struct.pack(">I", zlib.crc32(header)) + file.getvalue()[33:]
    )


def test_predictions_come_in_the_order_of_the_images(tmp_path: Path) -> None:
    levels = [(37 * i) % 256 for i in range(40)]
    for number, level in enumerate(levels):
        write_grey(tmp_path / f"{number:03}.png", level=level)
    found = predict(tmp_path)
    assert [p.prediction.source for p in found] == [f"{tmp_path}/{i:03}.png" for i in range(40)]
    scores = [p.prediction.faces[0].scores[0] for p in found]
    assert scores == pytest.approx([level / 255 for level in levels])


def test_a_truncated_jpeg_is_reported_and_the_rest_is_predicted(tmp_path: Path) -> None:
    paths = [write_grey(tmp_path / f"{name}.jpg", size=(200, 200)) for name in "abc"]
    paths[1].write_bytes(paths[1].read_bytes()[:-100])
    found = predict(tmp_path)
    assert [p.reason for p in found] == [None, "truncated_image", None]
    assert found[1].prediction.to_json() == {
        "source": str(paths[1]),
        "frame": None,
        "time_ms": None,
        "width": 0,
        "height": 0,
        "faces": [],
        "error": found[1].prediction.error,
    }
    assert "b.jpg" in str(found[1].prediction.error)
    assert len(found[2].prediction.faces) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_image"),
        (b"this is text", "not_an_image"),
        (png_claiming(30_000, 30_000), "image_too_large"),
        (png_claiming(30_000, 40)[:-12], "truncated_image"),
        (None, "missing_image"),
    ],
)
def test_a_file_that_is_no_image_has_a_reason(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "bad.jpg"
    if content is not None:
        path.write_bytes(content)
    (found,) = predict(path)
    assert found.reason == reason
    assert found.prediction.faces == ()


def test_boxes_of_a_photograph_that_is_decoded_reduced_are_in_its_own_pixels(
    tmp_path: Path,
) -> None:
    path = write_huge(tmp_path / "108.jpg")
    (found,) = predict(path)
    assert found.reason is None
    assert (found.prediction.width, found.prediction.height) == (12_000, 9_000)
    assert found.image is not None
    assert found.image.shape[:2] == (4_500, 6_000)
    whole, part = found.prediction.faces[0].box, found.in_image.faces[0].box
    assert whole == pytest.approx([2 * side for side in part])


@pytest.mark.parametrize("mode", ["CMYK", "L", "RGB"])
def test_jpegs_of_any_colour_space_are_usable(tmp_path: Path, mode: str) -> None:
    PillowImage.new(mode, (60, 40)).save(tmp_path / "x.jpg")
    (found,) = predict(tmp_path / "x.jpg")
    assert (found.prediction.width, found.prediction.height) == (60, 40)


def test_sixteen_bits_transparency_and_one_pixel_are_usable(tmp_path: Path) -> None:
    deep = np.full((40, 60), 32768, np.uint16)
    assert cv2.imwrite(str(tmp_path / "deep.png"), deep)
    PillowImage.new("RGBA", (60, 40), (128, 128, 128, 10)).save(tmp_path / "clear.png")
    write_grey(tmp_path / "dot.png", size=(1, 1))
    found = predict(tmp_path)
    assert [p.reason for p in found] == [None] * 3
    scores = [p.prediction.faces[0].scores[0] for p in found]
    assert scores == pytest.approx([0.5] * 3, abs=0.01)


def test_a_lying_extension_does_not_matter(tmp_path: Path) -> None:
    path = write_grey(tmp_path / "x.png").rename(tmp_path / "x.jpg")
    assert predict(path)[0].reason is None


def test_boxes_of_a_turned_photograph_are_those_of_the_viewer(tmp_path: Path) -> None:
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    PillowImage.new("RGB", (60, 40)).save(tmp_path / "turned.jpg", exif=exif)
    (found,) = predict(tmp_path / "turned.jpg")
    assert found.prediction.faces[0].box == (0, 0, 40, 60)


def test_stopping_early_leaves_no_thread_behind(tmp_path: Path) -> None:
    import threading

    for number in range(20):
        write_grey(tmp_path / f"{number}.png")
    before = threading.active_count()
    running = predict_images(BrightnessPredictor(), collect_images([str(tmp_path)]))
    next(running)
    running.close()
    assert threading.active_count() == before


def test_the_tally_accounts_for_every_image(tmp_path: Path) -> None:
    write_grey(tmp_path / "a.png")
    (tmp_path / "b.png").touch()
    (tmp_path / "c.png").touch()
    run_counts = RunCounts()
    for predicted in predict(tmp_path):
        run_counts.add(predicted)
    assert (run_counts.images, run_counts.usable, run_counts.faces) == (1, 1, 1)
    assert run_counts.bad == {"empty_image": 2}
    assert "b.png" in run_counts.bad.examples["empty_image"]


def test_a_detector_is_a_predictor(tmp_path: Path) -> None:
    weights = write_constant(tmp_path / "one.onnx", raw_output(((80, 80, 160, 160), {3: 0.9})))
    path = write_grey(tmp_path / "a.png", size=(320, 320))
    (found,) = predict_images(Detector(weights), collect_images([str(path)]))
    assert found.prediction.source == str(path)
    assert found.prediction.faces[0].box == pytest.approx((80, 80, 160, 160))


def test_a_file_that_is_no_image_is_reported_where_ultralytics_is_loaded(tmp_path: Path) -> None:
    # It replaces PIL.Image.open by a function that raises something else.
    pytest.importorskip("ultralytics")
    code = """
import ultralytics
from yolo_fer.errors import ImageError
from yolo_fer.images import decode
try:
    decode(b"this is text")
except ImageError as error:
    print(error.reason)
"""
    quiet = {"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false", "YOLO_VERBOSE": "false"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | quiet,
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "not_an_image"
