from __future__ import annotations

import itertools
import tracemalloc

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.helpers.research_data import research_data
from yolo_fer import images
from yolo_fer.dataset.duplicates import NEAR, hash_table, perceptual_hash
from yolo_fer.dataset.near_index import NearIndex, near_groups

Hashes = NDArray[np.uint8]


def all_distances(hashes: Hashes, others: Hashes) -> NDArray[np.int64]:
    """Count the bits that differ of all pairs, one by one."""
    return np.array([np.unpackbits(one ^ others, axis=1).sum(axis=1) for one in hashes], np.int64)


def groups_of_all_pairs(hashes: Hashes, near: int) -> list[int]:
    """Connect whatever is near, as a search through the whole graph does."""
    close = all_distances(hashes, hashes) <= near
    groups = [-1] * len(hashes)
    for first in range(len(hashes)):
        waiting = [first] if groups[first] < 0 else []
        while waiting:
            one = waiting.pop()
            if groups[one] < 0:
                groups[one] = first
                waiting += np.flatnonzero(close[one]).tolist()
    return groups


def flipped(hashes: Hashes, share: float, rng: np.random.Generator) -> Hashes:
    bits = np.unpackbits(hashes, axis=1)
    return np.packbits(bits ^ (rng.random(bits.shape) < share), axis=1)


def changed(one: Hashes, number: int, rng: np.random.Generator) -> Hashes:
    bits = np.unpackbits(one)
    bits[rng.choice(256, number, replace=False)] ^= 1
    return np.packbits(bits)


def random_hashes(number: int, rng: np.random.Generator) -> Hashes:
    return rng.integers(0, 256, (number, 32), dtype=np.uint8)


def copies(scenes: int, share: float, rng: np.random.Generator) -> Hashes:
    """Make frames of scenes, in any order, each with so many of its bits changed."""
    return flipped(random_hashes(scenes, rng)[rng.integers(0, scenes, 600)], share, rng)


def two_scenes_side_by_side(rng: np.random.Generator) -> Hashes:
    """Make two clouds so close that some hashes of one are near some of the other."""
    one = random_hashes(1, rng)[0]
    both = np.stack([one, changed(one, 84, rng)])
    return flipped(both[rng.integers(0, 2, 600)], 0.04, rng)


def steps_in_any_order(rng: np.random.Generator) -> Hashes:
    """Make a camera's way: only neighbours in time are near."""
    way = [random_hashes(1, rng)[0]]
    for _ in range(599):
        way.append(changed(way[-1], int(rng.integers(1, 60)), rng))
    return np.stack(way)[rng.permutation(600)]


def opposites(rng: np.random.Generator) -> Hashes:
    """Make hashes, their negatives and themselves again: 256 bits are as far as it goes."""
    some = random_hashes(300, rng)
    return np.concatenate([some, ~some, some])


def real_hashes(_: np.random.Generator) -> Hashes:
    files = sorted(research_data("expw/image/origin").iterdir())[:600]
    greys = (images.decode_grey(images.read_bytes(file)) for file in files)
    return hash_table(b"".join(perceptual_hash(grey) for grey in greys))


@pytest.mark.parametrize("near", [NEAR, 52, 0])
@pytest.mark.parametrize(
    "made",
    [
        lambda rng: random_hashes(600, rng),
        lambda rng: copies(30, 0.02, rng),  # a ball for each scene
        lambda rng: copies(30, 0.13, rng),  # near each other, and each outside of all balls
        lambda rng: copies(30, 0.16, rng),  # about as many pairs near as not
        two_scenes_side_by_side,
        steps_in_any_order,
        opposites,
        real_hashes,
    ],
)
def test_it_finds_what_comparing_all_pairs_finds(made: object, near: int) -> None:
    assert callable(made)
    hashes: Hashes = made(np.random.default_rng(7))
    assert near_groups(hashes, near).tolist() == groups_of_all_pairs(hashes, near)

    some, others = hashes[:250], hashes[250:]
    bits = all_distances(some, others)
    close = bits.min(axis=1) <= near
    index = NearIndex.of(others, near)
    assert index.near_any(some).tolist() == close.tolist()
    found, away = index.nearest(some)
    assert found.tolist() == np.where(close, bits.argmin(axis=1), -1).tolist()
    assert away.tolist() == np.where(close, bits.min(axis=1), near + 1).tolist()


def test_no_hash_is_no_group_and_near_nothing() -> None:
    none, one = np.empty((0, 32), np.uint8), np.zeros((1, 32), np.uint8)
    assert near_groups(none).tolist() == []
    assert NearIndex.of(none).near_any(one).tolist() == [False]
    assert [part.tolist() for part in NearIndex.of(none).nearest(one)] == [[-1], [NEAR + 1]]
    assert [part.tolist() for part in NearIndex.of(one).nearest(none)] == [[], []]


def test_the_limit_itself_is_near_and_a_bit_more_is_not() -> None:
    rng = np.random.default_rng(0)
    one = random_hashes(1, rng)[0]
    for more, groups in ((0, [0, 0]), (1, [0, 1])):
        assert near_groups(np.stack([one, changed(one, NEAR + more, rng)])).tolist() == groups


def test_groups_reach_over_thousands_of_centres() -> None:
    rng = np.random.default_rng(1)
    hashes = random_hashes(10_000, rng)  # more than are compared at a time
    chain = rng.permutation(10_000)[:300]
    for before, after in itertools.pairwise(chain):
        hashes[after] = changed(hashes[before], NEAR, rng)
    expected = np.arange(10_000)
    expected[chain] = chain.min()
    assert near_groups(hashes).tolist() == expected.tolist()


def test_frames_of_a_few_scenes_are_compared_with_a_few_centres() -> None:
    rng = np.random.default_rng(2)
    scenes = random_hashes(10, rng)
    for number in (1_000, 10_000):
        hashes = flipped(scenes[rng.integers(0, 10, number)], 0.04, rng)
        assert len(NearIndex.of(hashes).centres) < 30, "the cost grows faster than the number"


def test_thousands_of_near_copies_do_not_fill_the_memory() -> None:
    rng = np.random.default_rng(2)
    hashes = flipped(np.repeat(random_hashes(1, rng), 4_000, axis=0), 0.05, rng)
    tracemalloc.start()
    groups = near_groups(hashes)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not groups.any()
    assert peak < 3e6, "8 million pairs were kept"
