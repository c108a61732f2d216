from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from yolo_fer.boxes import iou
from yolo_fer.crops.crop_set import Crops
from yolo_fer.train.mtcnn.mining import bank_of_crops, mine
from yolo_fer.train.mtcnn.training_images import Photograph, filled

FACE, IGNORED = [60.0, 50, 100, 100], [150.0, 50, 190, 100]
AT_FACE, AT_IGNORED, ELSEWHERE = [55.0, 50, 105, 100], [145.0, 50, 195, 100], [5.0, 5, 40, 40]


def photograph(folder: Path) -> Photograph:
    """Draw the known faces white, all else black."""
    image = np.zeros((150, 240, 3), np.uint8)
    for x1, y1, x2, y2 in np.array([FACE, IGNORED], int):
        image[y1:y2, x1:x2] = 255
    cv2.imwrite(str(folder / "a.png"), image)
    emotions = np.eye(7, dtype=np.float32)[:1]
    return Photograph(folder / "a.png", np.array([FACE]), emotions, np.array([IGNORED]))


def find(image: np.ndarray) -> np.ndarray:
    return np.array([AT_FACE, AT_IGNORED, ELSEWHERE])


def mined(folder: Path, left_out: Counter[str] | None = None) -> Any:
    items = [photograph(folder)]
    return mine(
        items, find, 24, np.random.default_rng(0), Counter() if left_out is None else left_out
    )


def test_what_is_found_away_from_every_face_is_background(tmp_path: Path) -> None:
    bank = mined(tmp_path)

    # the white windows are those on known faces, labelled or not
    assert len(bank.background) >= 1
    assert bank.background[0].max() == 0
    assert bank.background.reshape(len(bank.background), -1).mean(axis=1).max() < 0.7 * 255


def test_a_labelled_face_keeps_the_windows_that_were_found_at_it(tmp_path: Path) -> None:
    (face,) = mined(tmp_path).faces

    assert face.emotions[0] == 1
    left, top, right, bottom = np.rint(face.box).astype(int)
    assert (face.pixels[top + 1 : bottom - 1, left + 1 : right - 1] > 250).all()
    assert iou(face.windows, face.box[None]).min() >= 0.5
    assert len(face.windows) == 1


def test_a_photograph_that_cannot_be_read_is_counted(tmp_path: Path) -> None:
    item = photograph(tmp_path)
    item.path.write_bytes(b"")
    left_out: Counter[str] = Counter()

    bank = mine([item], find, 24, np.random.default_rng(0), left_out)

    assert left_out == {"empty_image": 1}
    assert len(bank.faces) == len(bank.background) == 0


def test_a_large_face_is_kept_as_small_as_the_network_needs_it(tmp_path: Path) -> None:
    image = np.zeros((900, 900, 3), np.uint8)
    image[300:600, 300:540] = 255
    cv2.imwrite(str(tmp_path / "large.png"), image)
    box = np.array([[300.0, 300, 540, 600]])
    item = Photograph(
        tmp_path / "large.png", box, np.eye(7, dtype=np.float32)[:1], np.empty((0, 4))
    )

    (face,) = mine([item], lambda image: box, 24, np.random.default_rng(0), Counter()).faces

    assert max(face.pixels.shape) <= 24 * 1.25 * 2 + 1
    left, top, right, bottom = np.rint(face.box).astype(int)
    assert (face.pixels[top + 1 : bottom - 1, left + 1 : right - 1] > 250).all()
    assert (face.pixels[: top - 1] < 5).all()
    assert face.windows[0] == pytest.approx(face.box)


def test_background_is_kept_from_all_photographs_in_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yolo_fer.train.mtcnn.mining._MOST_BACKGROUND", 200)
    none = np.empty((0, 4))
    items = []
    for number in range(100):
        path = tmp_path / f"{number}.png"
        cv2.imwrite(str(path), np.full((40, 40, 3), number, np.uint8))
        items.append(Photograph(path, none, np.zeros((0, 7), np.float32), none))

    bank = mine(items, lambda image: none, 12, np.random.default_rng(0), Counter())

    shown = bank.background[:, 6, 6, 0]
    assert len(shown) == 200
    assert 35 < np.median(shown) < 65
    assert len(set(shown.tolist())) > 60


@pytest.mark.parametrize("searched", [True, False])
def test_crops_have_windows_where_a_network_came_before(searched: bool) -> None:
    pixels = np.full((2, 1, 48, 48), 128, np.uint8)
    names = tuple("abcdefg")
    crops = Crops(pixels, np.eye(7, dtype=np.float32)[:2], np.arange(2), names)
    usual = filled(np.array([[5.0, 5, 40, 45], [np.nan] * 4]), 48)

    def at_the_first(view: Any) -> Any:
        # the view has the crop at 160 pixels with a margin of 40
        return np.array([[5.0, 5, 40, 45]]) * 160 / 48 + 40

    faces = bank_of_crops(crops, usual, at_the_first if searched else None)

    assert [len(face.windows) for face in faces] == ([1, 1] if searched else [0, 0])
    assert np.isfinite(faces[1].box).all()
    assert faces[0].pixels.shape == (48, 48)
    if searched:
        assert faces[0].windows[0] == pytest.approx([5, 5, 40, 45])
