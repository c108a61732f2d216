from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from tests.helpers.drawn_crops import drawn_photograph
from tools.shipping.overlap import find_shared, without_shared
from tools.shipping.pictures import Picture, soft_label, to_grey
from yolo_fer.convert.crops import TIGHT
from yolo_fer.dataset.samples import box_array
from yolo_fer.emotions import Emotion

FACES = np.array([[115, 65, 205, 155]], np.float32)
PHOTOGRAPHS = [
    Picture(
        f"{seed}.jpg",
        to_grey(drawn_photograph(Emotion(seed), seed)),
        FACES,
        soft_label(Emotion(seed))[None],
    )
    for seed in range(7)
]


def crop_of(picture: Picture, scale: float = 1.0, shift: float = 0.0) -> Picture:
    """A crop of 48 pixels as FER2013 has them, `scale` and `shift` off the usual place."""
    x1, y1, x2, _ = picture.boxes[0]
    side = (x2 - x1) / TIGHT.side * scale
    left = (x1 + x2) / 2 - TIGHT.x * side + shift * side
    top = (y1 + (x2 - x1) / 2) - TIGHT.y * side + shift * side
    matrix = np.array([[48 / side, 0, -left * 48 / side], [0, 48 / side, -top * 48 / side]])
    pixels = np.asarray(cv2.warpAffine(picture.pixels, matrix, (48, 48), flags=cv2.INTER_AREA))
    box = box_array([TIGHT.box(48, 48)]).astype(np.float32)
    return Picture("crop", pixels, box, picture.targets, exact=False)


@pytest.mark.parametrize(("scale", "shift"), [(1, 0), (0.85, 0.05), (1.2, -0.08)])
def test_a_crop_of_a_photograph_is_found_wherever_it_was_cut(scale: float, shift: float) -> None:
    crops = [crop_of(picture, scale, shift) for picture in PHOTOGRAPHS]
    found = {(pair.crop, pair.picture) for pair in find_shared(crops, PHOTOGRAPHS)}
    assert found == {(number, number) for number in range(7)}


def test_light_and_noise_do_not_hide_it() -> None:
    crop = crop_of(PHOTOGRAPHS[3])
    noise = np.random.default_rng(0).normal(0, 4, (48, 48))
    darker = np.clip(0.6 * crop.pixels + 20 + noise, 0, 255).astype(np.uint8)
    assert find_shared([replace(crop, pixels=darker)], PHOTOGRAPHS[3:4])


def test_other_people_stay_and_their_order_is_kept() -> None:
    crops = [crop_of(picture) for picture in PHOTOGRAPHS]
    kept = without_shared(crops, PHOTOGRAPHS[2:5])
    assert kept == [crops[0], crops[1], crops[5], crops[6]]


def test_a_plain_crop_is_like_nothing() -> None:
    plain = replace(crop_of(PHOTOGRAPHS[0]), pixels=np.full((48, 48), 90, np.uint8))
    assert find_shared([plain], PHOTOGRAPHS) == []
    assert find_shared([], PHOTOGRAPHS) == []
