"""A report that contradicts itself, or the images, is told where."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from yolo_fer.dataset.ledger import SPLITS
from yolo_fer.emotions import EMOTION_NAMES, Emotion
from yolo_fer.inspect.across_splits import SplitContents
from yolo_fer.inspect.findings import Check
from yolo_fer.inspect.ledger_check import check_ledger


def counts(**faces: int) -> dict[str, int]:
    return dict.fromkeys(EMOTION_NAMES, 0) | faces


REPORT = {
    "rows_in": 5,
    "faces_out": 3,
    "images_out": 2,
    "dropped": {"low_score": 2},
    "per_split": {"train": counts(fear=2), "val": counts(), "test": counts(anger=1)},
}


def found(report: Any) -> list[str]:
    """Return what is said of a set of two images, one with two faces of fear, one of anger."""
    splits = {split: SplitContents() for split in SPLITS}
    splits["train"].add("a.jpg", (), b"", b"", (0, 0, 2))
    splits["test"].add("b.jpg", (), b"", b"", (1,))
    check = Check("ledger", "the ledger balances")
    check_ledger(report, splits, check)
    return check.examples


def test_a_report_that_counts_what_is_there_passes() -> None:
    assert Emotion.FEAR == 2
    assert found(REPORT) == []
    account = {**REPORT}
    assert found({**REPORT, "datasets": {"expw": account}}) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: r.update(rows_in=6), ["6 rows in, but 3 faces out and 2 dropped"]),
        (lambda r: r.update(images_out=3), ["3 images out, but 2 in the manifest"]),
        (
            lambda r: r["per_split"]["test"].update(anger=0, fear=1),
            [
                "test: 0 faces of anger, but 1 in the labels",
                "test: 1 faces of fear, but 0 in the labels",
            ],
        ),
        (
            lambda r: r.update(datasets={"expw": {**REPORT, "rows_in": 4, "faces_out": 2}}),
            [
                "expw: 2 faces out, but 3 in the splits",
                "rows_in is 5, the datasets' sum is 4",
                "faces_out is 3, the datasets' sum is 2",
            ],
        ),
        (lambda r: r.pop("dropped"), ["it cannot be read: KeyError 'dropped'"]),
        (lambda r: r.update(per_split=None), ["it cannot be read: TypeError"]),
    ],
)
def test_a_contradiction_is_named(change: Callable[[Any], object], words: list[str]) -> None:
    report = copy.deepcopy(REPORT)
    change(report)
    said = found(report)
    assert len(said) == len(words)
    for line, start in zip(said, words, strict=True):
        assert line.startswith(start)
