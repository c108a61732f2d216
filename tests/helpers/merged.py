"""Merging made sets, and what holds of every merge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.helpers.converted import contents, rows
from yolo_fer.convert.merge.merging import merge_sets
from yolo_fer.convert.merge.outcomes import MergeOptions
from yolo_fer.inspect.set_check import check_set

ALL = MergeOptions()


def merged(folders: list[Path], out: Path, options: MergeOptions = ALL) -> dict[str, Any]:
    before = [contents(folder) for folder in folders]
    result = merge_sets(folders, out, options)
    assert result is not None
    assert [contents(folder) for folder in folders] == before, "a set that was merged changed"
    assert result["rows_in"] == result["faces_out"] + sum(result["dropped"].values())
    failed = {check.name: check.examples for check in check_set(out).failed}
    assert not failed
    return result


def splits(folder: Path) -> dict[str, str]:
    return {Path(row["file"]).stem: row["split"] for row in rows(folder)}
