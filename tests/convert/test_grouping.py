"""Copies, near-duplicates and pictures of one person are never in two splits."""

from __future__ import annotations

import numpy as np
import pytest

from yolo_fer.convert.grouping import Candidate, SplitAssignment, assign_splits
from yolo_fer.dataset.duplicates import NEAR
from yolo_fer.dataset.splits import SplitShares

RNG = np.random.default_rng(0)
HASHES = [RNG.bytes(32) for _ in range(200)]


def image(
    number: int,
    *,
    bits: int = 0,
    sha256: int | None = None,
    near: int = NEAR,
    person: str | None = None,
    given: str | None = None,
) -> Candidate:
    """Return an image; its perceptual hash differs in `bits` bits from the one of its number."""
    phash = int.from_bytes(HASHES[number]) ^ ((1 << bits) - 1)
    content = 1000 * bits + number if sha256 is None else sha256
    return Candidate(f"{content:016x}{0:048x}", phash.to_bytes(32).hex(), near, person, given)


def assigned(*candidates: Candidate, shares: SplitShares | None = None) -> list[SplitAssignment]:
    return assign_splits(candidates, 0, shares or SplitShares())


def groups(*candidates: Candidate) -> list[int]:
    """Return for each image the first one of its group."""
    names = [where.group for where in assigned(*candidates)]
    return [names.index(name) for name in names]


def test_images_that_have_nothing_in_common_are_groups_of_their_own() -> None:
    assert groups(*(image(i) for i in range(9))) == list(range(9))


def test_the_same_bytes_the_same_picture_and_the_same_person_come_together() -> None:
    assert groups(image(0, sha256=7), image(1), image(2, sha256=7)) == [0, 1, 0]
    assert groups(image(0), image(1), image(0, bits=NEAR)) == [0, 1, 0]
    assert groups(image(0), image(0, bits=NEAR + 1)) == [0, 1]
    assert groups(image(0, person="ann"), image(1), image(2, person="ann")) == [0, 1, 0]


def test_what_is_tied_to_two_groups_makes_them_one() -> None:
    found = groups(image(0, person="ann"), image(1), image(1, bits=9, person="ann"), image(2))
    assert found == [0, 0, 0, 3]


def test_how_near_is_near_depends_on_the_kind_of_image() -> None:
    assert groups(image(0, near=44), image(0, bits=50, near=44)) == [0, 1]
    assert groups(image(0, near=44), image(0, bits=44, near=44)) == [0, 0]
    assert groups(image(0, near=44), image(0, bits=50)) == [0, 1], "both have to be of the kind"


def test_a_group_has_one_split_and_its_name_does_not_depend_on_the_order() -> None:
    candidates = [image(i, person=f"p{i // 4}") for i in range(200)]
    forward = assigned(*candidates)
    for start in range(0, 200, 4):
        assert len({(w.group, w.split) for w in forward[start : start + 4]}) == 1
    assert assigned(*candidates[::-1]) == forward[::-1]
    assert {where.split for where in forward} == {"train", "val", "test"}
    assert not any(where.conflict for where in forward)


def test_a_group_that_reaches_into_the_given_test_images_is_test() -> None:
    where = assigned(
        image(0, given="train"), image(0, bits=9, given="test"), image(1, given="test")
    )
    assert [w.split for w in where] == ["test"] * 3
    assert [w.conflict for w in where] == [True, False, False]


@pytest.mark.parametrize("has_validation", [True, False])
def test_validation_images_are_taken_out_of_training_only_where_there_are_none(
    has_validation: bool,
) -> None:
    candidates = [image(i, given="train") for i in range(150)]
    candidates += [image(150, given="test")]
    candidates += [image(151, given="val")] if has_validation else []
    splits = [where.split for where in assigned(*candidates, shares=SplitShares(val=0.3))]
    assert splits[150] == "test"
    assert ("val" in splits[:150]) != has_validation
    assert "test" not in splits[:150]
