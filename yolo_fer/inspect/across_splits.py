"""What splits must not share: groups, files, pictures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from yolo_fer.dataset.duplicates import hash_table
from yolo_fer.dataset.near_index import NearIndex
from yolo_fer.inspect.findings import EXAMPLES, Check


@dataclass(slots=True)
class SplitContents:
    """The images of one split, for comparison with others: a few bytes and a name for each."""

    names: list[str] = field(default_factory=list)
    hashed: list[int] = field(default_factory=list)  # the images that have a perceptual hash
    hashes: bytearray = field(default_factory=bytearray)
    digests: dict[bytes, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    faces: Counter[int] = field(default_factory=Counter)

    def add(
        self,
        name: str,
        groups: tuple[str, ...],
        digest: bytes,
        phash: bytes,
        faces: tuple[int, ...],
    ) -> None:
        """Add an image; groups, digest and hash may be empty."""
        number = len(self.names)
        self.names.append(name)
        self.faces.update({emotion: count for emotion, count in enumerate(faces) if count})
        if digest:
            self.digests.setdefault(digest, number)
        for group in groups:
            self.groups.setdefault(group, number)
        if phash:
            self.hashed.append(number)
            self.hashes += phash


def compare_splits(splits: dict[str, SplitContents], checks: dict[str, Check]) -> None:
    """Note what any two splits share."""
    for low, high in combinations(splits.values(), 2):
        for group in low.groups.keys() & high.groups.keys() if "groups" in checks else ():
            a, b = low.names[low.groups[group]], high.names[high.groups[group]]
            checks["groups"].add(f"{a} and {b}: {group}")
        identical = sorted(low.digests.keys() & high.digests.keys())
        for digest in identical:
            a, b = low.names[low.digests[digest]], high.names[high.digests[digest]]
            checks["identical"].add(f"{a} and {b}")
        _compare_pictures(low, high, checks["near_duplicates"])


def _compare_pictures(low: SplitContents, high: SplitContents, check: Check) -> None:
    hashes, index = hash_table(low.hashes), NearIndex.of(hash_table(high.hashes))
    near = np.flatnonzero(index.near_any(hashes))
    check.found += max(len(near) - EXAMPLES, 0)
    shown = near[:EXAMPLES]
    for i, found, bits in zip(shown, *index.nearest(hashes[shown]), strict=True):
        a, b = low.names[low.hashed[i]], high.names[high.hashed[found]]
        check.add(f"{a} and {b}: {bits} of 256 bits differ")
