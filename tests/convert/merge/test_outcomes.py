"""What becomes of each image of the sets that are merged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.helpers.converted import (
    TEST,
    TRAIN,
    convert_faces,
    convert_raw,
    rows,
)
from tests.helpers.merged import merged
from tests.helpers.raw_expw import RawExpw
from yolo_fer.convert.merge.outcomes import MergeOptions
from yolo_fer.convert.rules import Unlabelled


def test_a_painted_copy_of_a_test_image_is_left_out_with_a_reason(tmp_path: Path) -> None:
    raw = RawExpw(tmp_path / "raw")
    raw.face("plain.jpg", seed=1)
    raw.face("painted.jpg", seed=2)
    raw.row("painted.jpg", (70, 10, 110, 50), score=20)
    painted = convert_raw(raw, tmp_path / "painted", replace(TRAIN, unlabelled=Unlabelled.MASK))
    assert sum("masked" in row["flags"] for row in rows(painted)) == 1
    testing = convert_raw(raw, tmp_path / "testing", TEST)
    result = merged([painted, testing], tmp_path / "out")
    assert result["datasets"]["painted"]["images_dropped"] == {"masked_copy_of_test": 1}
    assert result["datasets"]["painted"]["images_moved"] == {"train to test": 1}
    assert result["dropped"] == {"masked_copy_of_test": 1}
    assert "masked_copy_of_test" in (tmp_path / "out" / "dropped.csv").read_text()


def test_so_many_test_images_of_each_set_are_kept_and_the_choice_is_stable(tmp_path: Path) -> None:
    a = convert_faces(tmp_path / "a", range(20), TEST)
    b = convert_faces(tmp_path / "b", range(50, 53), TEST)
    c = convert_faces(tmp_path / "c", range(70, 78), TRAIN)
    options = MergeOptions(test_images=5)
    result = merged([a, b, c], tmp_path / "out", options)
    counts = {name: part["images_out"] for name, part in result["datasets"].items()}
    assert counts == {"a": 5, "b": 3, "c": 8}
    assert result["dropped"] == {"not_drawn_for_test": 15}
    assert any(warning.startswith("b has no more than the 5") for warning in result["warnings"])
    fewer = merged([a, c], tmp_path / "fewer", options)
    other = merged([a, c], tmp_path / "other", replace(options, seed=1))
    assert fewer["faces_out"] == other["faces_out"] == 13

    def kept(name: str) -> set[str]:
        found = rows(tmp_path / name)
        return {row["sha256"] for row in found if row["split"] == "test" and row["source"] == "a"}

    assert kept("out") == kept("fewer") != kept("other")
