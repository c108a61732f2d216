from __future__ import annotations

import itertools
import tracemalloc

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as PillowImage

from tests.helpers.raw_expw import picture
from yolo_fer.dataset.duplicates import NEAR, near_groups, perceptual_hash


def packed(bits: NDArray[np.uint8]) -> list[bytes]:
    return [row.tobytes() for row in np.packbits(bits, axis=1)]


def flipped(bits: NDArray[np.uint8], number: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    changed = bits.copy()
    changed[rng.choice(256, number, replace=False)] ^= 1
    return changed


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
        assert near_groups([perceptual_hash(original), perceptual_hash(copy)]).tolist() == [0, 0]


def test_no_image_is_no_group() -> None:
    assert near_groups([]).tolist() == []


def test_the_limit_itself_is_near_and_a_bit_more_is_not() -> None:
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2, 256, dtype=np.uint8)
    for more, groups in ((0, [0, 0]), (1, [0, 1])):
        pair = np.stack([bits, flipped(bits, NEAR + more, rng)])
        assert near_groups(packed(pair)).tolist() == groups


def test_groups_reach_over_chains_and_blocks_and_are_called_by_their_smallest_index() -> None:
    rng = np.random.default_rng(1)
    bits = rng.integers(0, 2, (1500, 256), dtype=np.uint8)
    chain = rng.permutation(1500)[:300]
    for before, after in itertools.pairwise(chain):
        bits[after] = flipped(bits[before], NEAR, rng)
    groups = near_groups(packed(bits))
    expected = np.arange(1500)
    expected[chain] = chain.min()
    assert groups.tolist() == expected.tolist()


def test_thousands_of_near_copies_do_not_fill_the_memory() -> None:
    rng = np.random.default_rng(2)
    one = rng.integers(0, 2, 256, dtype=np.uint8)
    bits = one ^ (rng.random((6000, 256)) < 0.05).astype(np.uint8)
    hashes = packed(bits)
    tracemalloc.start()
    groups = near_groups(hashes)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not groups.any()
    assert peak < 400e6, "18 million pairs were kept"
