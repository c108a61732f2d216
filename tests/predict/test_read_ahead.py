"""Files are read while a predictor works, which may like to see several at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.pictures import write_grey
from tests.helpers.predictors import BrightnessPredictor
from yolo_fer.images import Image
from yolo_fer.inputs.image_bytes import Decoded, read_input
from yolo_fer.inputs.listing import ImageInput, collect_images
from yolo_fer.predict import read_ahead
from yolo_fer.predict.image_files import predict_images
from yolo_fer.predict.read_ahead import Take
from yolo_fer.results import Prediction


class BatchPredictor(BrightnessPredictor):
    """Likes to see three images at once, and notes how many it was given."""

    batch = 3

    def __init__(self) -> None:
        self.given: list[int] = []

    def predict(self, images: list[Image]) -> list[Prediction]:
        self.given.append(len(images))
        return [
            replace(one, image=image)
            for one, image in zip(super().predict(images), images, strict=True)
        ]


def test_who_likes_several_at_once_is_given_several_and_bad_ones_stay_in_their_place(
    tmp_path: Path,
) -> None:
    levels = [(37 * i) % 256 for i in range(30)]
    for number, level in enumerate(levels):
        write_grey(tmp_path / f"{number:03}.png", (40, 60), level)
    for number in (0, 13, 29):
        (tmp_path / f"{number:03}.png").write_bytes(b"")
    predictor = BatchPredictor()
    found = list(predict_images(predictor, collect_images([str(tmp_path / "*.png")])))
    assert [p.reason for p in found] == [
        "empty_image" if number in (0, 13, 29) else None for number in range(30)
    ]
    scores = {n: p.prediction.faces[0].scores[0] for n, p in enumerate(found) if p.reason is None}
    assert scores == pytest.approx({number: levels[number] / 255 for number in scores})
    assert predictor.given == [11, 11, 5]  # of four times three files each, and of the rest
    assert all(p.prediction.image is None for p in found), "predictions hold the pixels"


class _Choosy(BatchPredictor):
    """Fails at bright images."""

    def predict(self, images: list[Image]) -> list[Prediction]:
        found = super().predict(images)
        if any(image.mean() > 200 for image in images):
            raise RuntimeError("too bright")
        return found


def test_of_images_that_fail_together_only_the_culprit_raises_and_in_its_turn(
    tmp_path: Path,
) -> None:
    for number, level in enumerate((10, 20, 30, 250, 40)):
        write_grey(tmp_path / f"{number}.png", (40, 60), level)
    predictor = _Choosy()
    found = predict_images(predictor, collect_images([str(tmp_path)]))
    sources = [Path(next(found).prediction.source).stem for _ in range(3)]
    assert sources == ["0", "1", "2"]
    with pytest.raises(RuntimeError, match="too bright"):
        next(found)
    assert predictor.given == [5, 1, 1, 1, 1], "each when it is asked for"


@pytest.mark.parametrize("ahead", [True, False])
def test_a_fault_of_reading_comes_after_the_images_before_it(tmp_path: Path, ahead: bool) -> None:
    for number in range(5):
        write_grey(tmp_path / f"{number}.png", (40, 60))

    def read(item: ImageInput, take: Take | None) -> Decoded:
        if item.source.endswith("3.png"):
            raise RuntimeError("a decoder that cannot")
        return read_input(item, take)

    images = collect_images([str(tmp_path)])
    found = predict_images(BatchPredictor(), images, read, ahead=ahead)
    assert [Path(next(found).prediction.source).stem for _ in range(3)] == ["0", "1", "2"]
    with pytest.raises(RuntimeError, match="a decoder that cannot"):
        next(found)


def test_the_pixels_of_what_waits_together_are_limited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        write_grey(tmp_path / f"{number:03}.png", (40, 60))
    monkeypatch.setattr(read_ahead, "_CHUNK_BYTES", 4 * 40 * 60 * 3)
    predictor = BatchPredictor()
    assert len(list(predict_images(predictor, collect_images([str(tmp_path)])))) == 12
    assert predictor.given == [4, 4, 4]
