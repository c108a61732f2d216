"""What `merge` is given has to fit together, and datasets of one name are kept apart."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.converted import (
    KEEP,
    TRAIN,
    change_rows,
    convert_faces,
)
from tests.helpers.merged import ALL, merged
from yolo_fer.convert.merge.merging import merge_sets
from yolo_fer.convert.rules import BoxConvention
from yolo_fer.errors import UsageError, YoloFerError


def test_sets_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    a = convert_faces(tmp_path / "x" / "web", range(8), TRAIN, prefix="same")
    b = convert_faces(tmp_path / "y" / "web", range(20, 28), TRAIN, prefix="same")
    result = merged([a, b], tmp_path / "out")
    assert list(result["datasets"]) == ["web", "web-2"]
    assert result["images_out"] == 16


def test_sets_of_different_box_conventions_are_refused(tmp_path: Path) -> None:
    a = convert_faces(tmp_path / "a", range(8))
    b = convert_faces(tmp_path / "b", range(20, 28), replace(KEEP, boxes=BoxConvention.RETINAFACE))
    with pytest.raises(UsageError, match=r"different conventions.*a: expw.*b: retinaface"):
        merge_sets([a, b], tmp_path / "out", ALL)
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_merged_is_named(tmp_path: Path) -> None:
    a = convert_faces(tmp_path / "a", range(8))
    b = convert_faces(tmp_path / "b", range(20, 28))
    (tmp_path / "empty").mkdir()
    cut = shutil.copytree(a, tmp_path / "cut")
    (cut / "data.yaml").unlink()
    out = tmp_path / "out"
    for folders, target, message in (
        ([a], out, "at least two"),
        ([a, tmp_path / "b" / ".." / "a"], out, "twice"),
        ([a, b], a, "lie in each other"),
        ([a, b], a / "inside", "lie in each other"),
        ([a, tmp_path / "empty"], out, "not a converted set"),
        ([a, tmp_path / "nowhere"], out, "not a folder"),
        ([a, cut], out, "not a complete set: data.yaml is missing"),
    ):
        with pytest.raises(YoloFerError, match=message):
            merge_sets(folders, target, ALL)
    change_rows(b, lambda table: table[0].update(file="images/train/../../../x.jpg"))
    with pytest.raises(YoloFerError, match="line 2"):
        merge_sets([a, b], out, ALL)
    assert not out.exists()
