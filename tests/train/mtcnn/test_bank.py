from __future__ import annotations

import numpy as np
import pytest

from yolo_fer.boxes import iou
from yolo_fer.faces.mtcnn.geometry import calibrate
from yolo_fer.train.mtcnn.bank import Bank, BankFace

ANGRY = np.eye(7, dtype=np.float32)[0]


def bank(windows: np.ndarray, box: tuple[float, ...] = (20, 18, 50, 58)) -> Bank:
    pixels = np.zeros((80, 80, 3), np.uint8)
    left, top, right, bottom = map(int, box)
    pixels[top:bottom, left:right] = 255
    face = BankFace(pixels, np.array(box, float), ANGRY, windows)
    return Bank([face], 1, np.full((2, 24, 24, 3), 7, np.uint8), 24)


@pytest.mark.parametrize("windows", [np.empty((0, 4)), np.array([[14.0, 16, 60, 62]])])
def test_offsets_lead_from_what_is_shown_to_the_face_mirrored_or_not(windows: np.ndarray) -> None:
    random = np.random.default_rng(0)

    shown = bank(windows).show(np.zeros(60, int), np.zeros(0, int), random)

    for crop, offsets in zip(shown.crops, shown.offsets, strict=True):
        box = calibrate(np.array([[0, 0, 24, 24]], float), offsets[None])[0]
        rows, columns = np.nonzero(crop[..., 0] > 127)
        seen = np.array([[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]], float)
        assert iou(np.clip(box[None], 0, 24), seen)[0, 0] > 0.85


def test_a_face_differs_from_call_to_call_and_is_the_same_for_a_seed() -> None:
    faces = bank(np.empty((0, 4)))

    first, again, other = (
        faces.show(np.zeros(4, int), np.array([0, 1]), np.random.default_rng(seed)).crops
        for seed in (1, 1, 2)
    )

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_background_has_no_face_no_box_and_no_emotion() -> None:
    shown = bank(np.empty((0, 4))).show(
        np.zeros(1, int), np.array([0, 1, 1]), np.random.default_rng(0)
    )

    assert shown.is_face.tolist() == [True, False, False, False]
    assert shown.is_judged.all()
    assert shown.emotions[0].argmax() == 0
    assert not shown.emotions[1:].any()
    assert not shown.offsets[1:].any()
    assert (shown.crops[1:] == 7).all()


@pytest.mark.parametrize(("photographed", "crops"), [(3, 90), (3, 0), (5, 2)])
def test_an_epoch_shows_every_face_and_a_quarter_or_more_of_photographs(
    photographed: int, crops: int
) -> None:
    (face,) = bank(np.empty((0, 4))).faces
    faces = Bank(
        [face] * (photographed + crops), photographed, np.zeros((1, 24, 24, 3), np.uint8), 24
    )

    rows = faces.order(np.random.default_rng(0))

    counts = np.bincount(rows, minlength=photographed + crops)
    assert (counts[photographed:] == 1).all()
    assert counts[:photographed].min() >= 1
    assert np.ptp(counts[:photographed]) <= 1
    assert counts[:photographed].sum() / len(rows) >= 0.25


def test_what_is_a_face_is_learned_from_photographs_only() -> None:
    (face,) = bank(np.empty((0, 4))).faces
    faces = Bank([face] * 3, 1, np.zeros((1, 24, 24, 3), np.uint8), 24)

    shown = faces.show(np.array([0, 1, 2]), np.array([0]), np.random.default_rng(0))

    assert shown.is_face.tolist() == [True, True, True, False]
    assert shown.is_judged.tolist() == [True, False, False, True]
    assert shown.emotions[:3, 0].tolist() == [1, 1, 1]
