"""What two splits must not share is found by bytes, by pictures and by groups."""

from __future__ import annotations

import numpy as np

from yolo_fer.dataset.duplicates import NEAR
from yolo_fer.inspect.across_splits import SplitContents, compare_splits
from yolo_fer.inspect.findings import EXAMPLES, Check, new_checks

RNG = np.random.default_rng(0)
HASHES = [RNG.bytes(32) for _ in range(40)]


def changed(phash: bytes, bits: int) -> bytes:
    """Return a hash with its first bits flipped."""
    number = int.from_bytes(phash) ^ ((1 << bits) - 1) << 256 - bits
    return number.to_bytes(32)


def split(*images: tuple[str, str, bytes, bytes]) -> SplitContents:
    """Put images with their group, digest and hash into a split."""
    contents = SplitContents()
    for name, group, digest, phash in images:
        contents.add(name, (group,) if group else (), digest, phash, (0, 1))
    return contents


def compared(**splits: SplitContents) -> dict[str, Check]:
    checks = new_checks(converted=True)
    compare_splits(splits, checks)
    return {name: check for name, check in checks.items() if check.found}


def test_splits_that_share_nothing_pass() -> None:
    train = split(*((f"a{i}.jpg", f"a{i}", bytes([i]), HASHES[i]) for i in range(20)))
    val = split(*((f"b{i}.jpg", f"b{i}", bytes([i]), HASHES[i]) for i in range(20, 40)))
    assert compared(train=train, val=val) == {}
    assert compared(train=train, val=SplitContents()) == {}


def test_a_group_an_image_and_a_picture_in_two_splits_are_named_with_both_places() -> None:
    train = split(
        ("a.jpg", "film", b"1", HASHES[0]),
        ("b.jpg", "", b"2", HASHES[1]),
        ("c.jpg", "", b"3", HASHES[2]),
    )
    test = split(
        ("d.jpg", "film", b"4", HASHES[3]),
        ("e.jpg", "", b"2", b""),  # of which nothing is known but its bytes
        ("f.jpg", "", b"6", changed(HASHES[2], 20)),
    )
    found = compared(train=train, val=SplitContents(), test=test)
    assert {name: check.examples for name, check in found.items()} == {
        "groups": ["a.jpg and d.jpg: film"],
        "identical": ["b.jpg and e.jpg"],
        "near_duplicates": ["c.jpg and f.jpg: 20 of 256 bits differ"],
    }


def test_the_limit_of_what_shows_the_same_belongs_to_it() -> None:
    train = split(("a.jpg", "", b"", HASHES[0]))
    for bits, found in ((NEAR, {"near_duplicates"}), (NEAR + 1, set())):
        assert (
            compared(train=train, val=split(("b.jpg", "", b"", changed(HASHES[0], bits)))).keys()
            == found
        )


def test_every_near_picture_is_counted_and_some_are_named() -> None:
    train = split(*((f"{i}.jpg", "", b"", phash) for i, phash in enumerate(HASHES)))
    found = compared(train=train, val=train)["near_duplicates"]
    assert (found.found, len(found.examples)) == (len(HASHES), EXAMPLES)
