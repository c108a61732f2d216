from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.helpers.drawn_crops import drawn_photograph
from tests.helpers.shared_faces import crop_of
from tools.shipping.overlap import find_shared, without_shared
from tools.shipping.pictures import Picture, soft_label, to_grey
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
