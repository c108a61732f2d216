"""Whether conversion_report.json balances, and counts what is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yolo_fer.dataset.ledger import SPLITS
from yolo_fer.emotions import Emotion
from yolo_fer.inspect.across_splits import SplitContents
from yolo_fer.inspect.findings import Check


def check_ledger(
    report: Mapping[str, Any], splits: Mapping[str, SplitContents], check: Check
) -> None:
    """Note where the report contradicts itself or the images and labels that were read."""
    try:
        _balances("", report, check)
        datasets = report.get("datasets", {})
        for name, account in datasets.items():
            _balances(f"{name}: ", account, check)
        for key in ("rows_in", "faces_out", "images_out") if datasets else ():
            parts = sum(account[key] for account in datasets.values())
            if parts != report[key]:
                check.add(f"{key} is {report[key]}, the datasets' sum is {parts}")
        _counts_what_is_there(report, splits, check)
    except (KeyError, TypeError, AttributeError) as error:
        check.add(f"it cannot be read: {type(error).__name__} {error}")


def _balances(name: str, account: Mapping[str, Any], check: Check) -> None:
    dropped = sum(account["dropped"].values())
    if account["rows_in"] != account["faces_out"] + dropped:
        check.add(
            f"{name}{account['rows_in']} rows in, but {account['faces_out']} faces out and "
            f"{dropped} dropped"
        )
    counted = sum(sum(account["per_split"][split].values()) for split in SPLITS)
    if counted != account["faces_out"]:
        check.add(f"{name}{account['faces_out']} faces out, but {counted} in the splits")


def _counts_what_is_there(
    report: Mapping[str, Any], splits: Mapping[str, SplitContents], check: Check
) -> None:
    images = sum(len(content.names) for content in splits.values())
    if images != report["images_out"]:
        check.add(f"{report['images_out']} images out, but {images} in the manifest")
    for split in SPLITS:
        for emotion in Emotion:
            said, there = report["per_split"][split][emotion.label], splits[split].faces[emotion]
            if said != there:
                check.add(f"{split}: {said} faces of {emotion.label}, but {there} in the labels")
