"""Groups are dealt by a pure hash, so that new data moves no old data."""

from __future__ import annotations

from collections import Counter

import pytest

from yolo_fer.dataset.splits import SplitShares, split_of
from yolo_fer.errors import UsageError

GROUPS = [f"video{number}" for number in range(5000)]


def dealt(shares: SplitShares, seed: int = 0) -> dict[str, str]:
    return {group: split_of(group, seed, shares) for group in GROUPS}


def test_the_splits_have_their_shares_of_the_groups() -> None:
    counts = Counter(dealt(SplitShares(val=0.1, test=0.2)).values())
    assert counts["val"] == pytest.approx(500, abs=80)
    assert counts["test"] == pytest.approx(1000, abs=100)


def test_another_share_for_validation_leaves_the_test_split_as_it_was() -> None:
    less, more = dealt(SplitShares(val=0.0)), dealt(SplitShares(val=0.4))
    assert [g for g in GROUPS if less[g] == "test"] == [g for g in GROUPS if more[g] == "test"]
    assert "val" not in less.values()


def test_a_group_stays_where_it_is_in_every_process_and_another_seed_deals_anew() -> None:
    shares = SplitShares()
    splits = [split_of(group, 0, shares) for group in ("a", "b", "ü \udcff")]
    assert splits == ["train", "train", "test"]
    assert dealt(shares) == dealt(shares) != dealt(shares, seed=1)


@pytest.mark.parametrize(
    ("val", "test", "words"),
    [
        (-0.1, 0.1, "`val` is -0.1"),
        (0.1, 1.0, "`test` is 1.0"),
        (float("nan"), 0.1, "`val` is nan"),
        (0.5, 0.5, "leave nothing for training"),
    ],
)
def test_shares_that_leave_no_training_are_refused(val: float, test: float, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        SplitShares(val, test)
