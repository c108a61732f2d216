"""Dealing groups to train, val and test: a pure hash, so that new data moves no old data."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from yolo_fer.errors import UsageError
from yolo_fer.paths import encoded


@dataclass(frozen=True, slots=True)
class SplitShares:
    """The shares of the groups that go to val and test; the rest is train.

    Raises:
        UsageError: if a share is outside 0 to 1 or nothing is left for training.
    """

    val: float = 0.10
    test: float = 0.15

    def __post_init__(self) -> None:
        for name, share in (("val", self.val), ("test", self.test)):
            if not 0 <= share < 1:
                raise UsageError(
                    f"`{name}` is {share}; give a share from 0 to below 1, such as 0.1"
                )
        if self.val + self.test >= 1:
            raise UsageError(
                f"`val={self.val}` and `test={self.test}` leave nothing for training; "
                "their sum must be below 1"
            )


def split_of(group: str, seed: int, shares: SplitShares) -> str:
    """Return the split of a group: it depends on nothing but the group, the seed and the shares.

    Test comes first on the scale, so that another share for val leaves the test split as it was.
    """
    digest = hashlib.sha256(encoded(f"{seed}:{group}")).digest()
    position = int.from_bytes(digest[:8]) / 2**64
    if position < shares.test:
        return "test"
    return "val" if position < shares.test + shares.val else "train"
