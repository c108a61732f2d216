"""Which group and which split every source image belongs to."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from yolo_fer.convert.scan import Scan
from yolo_fer.dataset.duplicates import NEAR, hash_table, join, perceptual_hash
from yolo_fer.dataset.ledger import SPLITS
from yolo_fer.dataset.near_index import near_groups
from yolo_fer.dataset.splits import SplitShares, split_of


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of an image before it is assigned to a split.

    Args:
        sha256: the SHA-256 hash of its contents.
        phash: the perceptual hash of the image, in hexadecimal.
        near: the greatest number of differing bits between near-duplicates of its kind.
        person: the person that it shows; None if it is not known.
        given: the split in which the dataset has it, None if it has no splits.
    """

    sha256: str
    phash: str
    near: int
    person: str | None = None
    given: str | None = None

    @classmethod
    def of(
        cls, data: bytes, grey: NDArray[np.uint8], near: int, person: str | None, given: str | None
    ) -> Self:
        """Return what is known of an image with this content and these (height, width) pixels."""
        phash = perceptual_hash(grey).hex()
        return cls(hashlib.sha256(data).hexdigest(), phash, near, person, given)


@dataclass(frozen=True, slots=True)
class SplitAssignment:
    """Where an image belongs.

    Args:
        group: the name of its group; a group is never shared between splits.
        split: the split of the whole group.
        conflict: whether the dataset has the image in another split than its group, so that it is
            left out.
    """

    group: str
    split: str
    conflict: bool


def assign_splits(
    candidates: Sequence[Candidate], seed: int, shares: SplitShares
) -> list[SplitAssignment]:
    """Put copies, near-duplicates and pictures of one person together, and give each a split.

    The dataset's own splits are kept: a group that reaches into its test images is test, and what
    the dataset has of it elsewhere is left out rather than moved, so that the test images stay
    those that others report on. Where there are training and test images and no validation images,
    these are taken out of the training images by the hash of the group.

    Args:
        candidates: all images of a conversion.
        seed: the seed of the hash.
        shares: the shares of the groups that go to val and test; the dataset's own splits overrule
            them.

    Returns:
        One `SplitAssignment` per candidate, in order.
    """
    names = _group_names(candidates)
    given: dict[str, set[str]] = defaultdict(set)
    for name, candidate in zip(names, candidates, strict=True):
        if candidate.given is not None:
            given[name].add(candidate.given)
    there = {candidate.given for candidate in candidates} - {None}
    of_training = SplitShares(0.0 if "val" in there else shares.val, 0.0)
    splits: dict[str, str] = {}
    for name in names:
        if given[name]:
            # SPLITS runs from the least protected to the most
            splits[name] = max(given[name], key=SPLITS.index)
        else:
            splits[name] = split_of(name, seed, shares)
    final = {
        name: split_of(name, seed, of_training) if given[name] and split == "train" else split
        for name, split in splits.items()
    }
    return [
        SplitAssignment(
            name, final[name], candidate.given is not None and candidate.given != splits[name]
        )
        for name, candidate in zip(names, candidates, strict=True)
    ]


def assign_scans(
    scans: Iterable[Scan], seed: int, shares: SplitShares
) -> dict[str, SplitAssignment]:
    """Assign splits to the usable images of a dataset that names neither splits nor persons."""
    usable = [scan for scan in scans if not scan.reason]
    candidates = [Candidate(scan.sha256, scan.phash, NEAR) for scan in usable]
    assigned = assign_splits(candidates, seed, shares)
    return {scan.file: where for scan, where in zip(usable, assigned, strict=True)}


def _group_names(candidates: Sequence[Candidate]) -> list[str]:
    """Return a name for the group of each candidate: its smallest hash of contents."""
    groups = np.arange(len(candidates), dtype=np.intp)
    for near in sorted({candidate.near for candidate in candidates}):
        similar = [i for i, candidate in enumerate(candidates) if candidate.near >= near]
        hashes = b"".join(bytes.fromhex(candidates[i].phash) for i in similar)
        roots = near_groups(hash_table(hashes), near)
        index = np.array(similar, dtype=np.intp)
        groups = join(groups, index, index[roots])
    groups = _join_equal(groups, (candidate.sha256 for candidate in candidates))
    groups = _join_equal(groups, (candidate.person for candidate in candidates))
    smallest: dict[int, str] = {}
    for candidate, root in zip(candidates, groups.tolist(), strict=True):
        smallest[root] = min(smallest.get(root, candidate.sha256), candidate.sha256)
    return [smallest[root][:16] for root in groups.tolist()]


def _join_equal(groups: NDArray[np.intp], keys: Iterable[str | None]) -> NDArray[np.intp]:
    """Put the groups of items together that have the same key."""
    first: dict[str, int] = {}
    pairs = [(first.setdefault(key, i), i) for i, key in enumerate(keys) if key is not None]
    if not pairs:
        return groups
    a, b = np.array(pairs, dtype=np.intp).T
    return join(groups, a, b)
