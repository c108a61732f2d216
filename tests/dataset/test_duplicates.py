from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.helpers.raw_expw import picture
from yolo_fer.dataset.duplicates import hash_table, perceptual_hash
from yolo_fer.dataset.near_index import near_groups


def test_the_hash_has_the_bits_of_imagehash() -> None:
    imagehash = pytest.importorskip("imagehash")
    for seed in range(20):
        grey = cv2.cvtColor(picture(seed, 128, 128), cv2.COLOR_BGR2GRAY)
        half = cv2.resize(grey, (64, 64), interpolation=cv2.INTER_AREA)
        expected = imagehash.phash(PillowImage.fromarray(half), hash_size=16).hash
        assert perceptual_hash(grey) == np.packbits(expected).tobytes()


@pytest.mark.parametrize("size", [(50, 40), (331, 331), (640, 480), (2000, 1500)])
def test_a_copy_of_another_size_is_near(size: tuple[int, int]) -> None:
    for seed in range(5):
        original = cv2.cvtColor(picture(seed, 400, 300), cv2.COLOR_BGR2GRAY)
        copy = cv2.resize(original, size, interpolation=cv2.INTER_AREA)
        both = hash_table(perceptual_hash(original) + perceptual_hash(copy))
        assert near_groups(both).tolist() == [0, 0]
