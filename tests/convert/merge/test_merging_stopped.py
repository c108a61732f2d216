"""Merges that are stopped, and go on when something in their folder is not as they left it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.helpers.converted import contents, convert_faces
from tests.helpers.merged import merged
from yolo_fer.convert.merge.merging import merge_sets
from yolo_fer.convert.merge.outcomes import MergeOptions
from yolo_fer.convert.options import Run


def test_resuming_copies_damaged_files_again_and_removes_what_is_no_part_of_the_set(
    tmp_path: Path,
) -> None:
    sets = [
        convert_faces(tmp_path / "a", range(40)),
        convert_faces(tmp_path / "b", range(100, 110)),
    ]
    merged(sets, tmp_path / "whole")
    out = tmp_path / "out"

    def killing(items: Any, description: str, total: int) -> Any:
        yield from items
        if description == "copying images":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        merge_sets(sets, out, MergeOptions(), Run(progress=killing))
    image, other = sorted((out / "images" / "train").rglob("*.jpg"))[:2]
    label = sorted((out / "labels" / "train").rglob("*.txt"))[2]
    kept = other.stat().st_ino
    image.write_bytes(b"")
    label.write_bytes(b"")
    stale = out / "images" / "val" / "a" / "of an earlier plan.jpg"
    stale.parent.mkdir(parents=True, exist_ok=True)
    stale.write_bytes(other.read_bytes())

    merge_sets(sets, out, MergeOptions(), Run(resume=True))

    assert contents(out) == contents(tmp_path / "whole")
    assert other.stat().st_ino == kept
