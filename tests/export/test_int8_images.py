"""The images from which the ranges of an int8 network are taken."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.pictures import write_grey
from yolo_fer.detector.preprocess import Letterbox
from yolo_fer.errors import UsageError, YoloFerError, YoloFerWarning
from yolo_fer.export.int8_images import calibration_images
from yolo_fer.images import encode, read

INPUT = (64, 64)


def folder_of(folder: Path, count: int) -> Path:
    for level in range(count):
        write_grey(folder / f"{level:03}.png", level=level)
    return folder


def levels(source: Path, limit: int = 100) -> list[int]:
    return [int(image[0, 0, 0]) for image in calibration_images(source, INPUT, limit)]


def test_they_are_spread_evenly_over_a_folder(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert levels(folder_of(tmp_path, 80), 40) == list(range(0, 80, 2))


@pytest.mark.filterwarnings("ignore::yolo_fer.errors.YoloFerWarning")
def test_of_a_set_the_validation_split_is_taken_and_else_the_training_split(tmp_path: Path) -> None:
    folder_of(tmp_path / "images" / "train", 3)
    write_grey(tmp_path / "images" / "val" / "a.png", level=200)
    data = tmp_path / "data.yaml"
    for splits, expected in (
        ("train: images/train\n", [0, 1, 2]),
        ("train: images/train\nval: images/val\n", [200]),
    ):
        data.write_text(f"{splits}names: [anger]\n")
        assert levels(data) == expected


def test_few_images_and_those_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (folder_of(tmp_path, 3) / "001.png").write_bytes(b"no image")
    with pytest.warns(YoloFerWarning, match=r"on 2 images \(1 could not be read\); 32 or more"):
        assert levels(tmp_path) == [0, 2]


def test_a_source_without_an_image_is_refused(tmp_path: Path) -> None:
    (folder_of(tmp_path, 1) / "000.png").write_bytes(b"no image")
    with pytest.raises(YoloFerError, match="none of its images can be read"):
        calibration_images(tmp_path, INPUT)
    with pytest.raises(UsageError, match=r"give a data\.yaml or a folder"):
        calibration_images(tmp_path / "000.png", INPUT)


@pytest.mark.filterwarnings("ignore::yolo_fer.errors.YoloFerWarning")
@pytest.mark.parametrize(
    "shape", [(20, 30), (64, 64), (65, 40), (40, 65), (480, 640), (333, 97), (500, 2), (1, 700)]
)
@pytest.mark.parametrize("size", [(64, 64), (96, 64)])
def test_the_network_sees_the_same_of_an_image_of_which_no_more_is_kept_than_that(
    tmp_path: Path, shape: tuple[int, int], size: tuple[int, int]
) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    (tmp_path / "a.png").write_bytes(encode(pixels, ".png"))
    (kept,) = calibration_images(tmp_path, size)
    assert kept.shape[0] <= size[0]
    assert kept.shape[1] <= size[1]
    whole = read(tmp_path / "a.png")
    seen, before = (Letterbox.fit(i.shape[:2], size, 0).apply(i) for i in (kept, whole))
    np.testing.assert_array_equal(seen, before)
