from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.converted import classes, contents, dropped, labels, split_of_file
from tests.helpers.converted import rows as manifest
from tests.helpers.drawn_sets import RawRafdb
from tests.helpers.research_data import research_data
from yolo_fer.convert.labelled_images import ImageOptions
from yolo_fer.convert.options import Run
from yolo_fer.convert.rafdb import convert_rafdb
from yolo_fer.convert.rules import Unlabelled
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.emotions import RAFDB
from yolo_fer.errors import YoloFerError

OPTIONS = ImageOptions(shares=SplitShares(0.0, 0.0))
BOX = "60 60 150 155"  # of the larger face of a drawn photograph, more or less


@pytest.fixture
def raw(tmp_path: Path) -> RawRafdb:
    return RawRafdb(tmp_path / "raw")


def convert(raw: RawRafdb, out: Path, options: ImageOptions = OPTIONS) -> dict[str, Any]:
    before = contents(raw.write())
    report = convert_rafdb(raw.root, out, options)
    assert report is not None
    assert contents(raw.root) == before, "a source file changed"
    assert report["rows_in"] == report["faces_out"] + sum(report["dropped"].values())
    return report


def test_the_numbers_are_rafdbs_own() -> None:
    names = {number: emotion.label for number, emotion in RAFDB.items()}
    assert names == {
        1: "surprise", 2: "fear", 3: "disgust", 4: "happiness", 5: "sadness", 6: "anger",
        7: "neutral",
    }  # fmt: skip


def test_aligned_faces_become_scenes_and_the_official_test_faces_are_the_test_split(
    raw: RawRafdb, tmp_path: Path
) -> None:
    for i in range(1, 8):
        raw.aligned(f"train_{i:05d}", i, label=i)
    raw.aligned("test_0001", 20, label=1)
    report = convert(raw, tmp_path / "out")
    assert (report["faces_out"], report["dropped"], report["face_finder"]) == (8, {}, None)
    assert classes(tmp_path / "out") == [0, 1, 2, 3, 4, 5, 6]
    assert classes(tmp_path / "out", "test") == [5]
    assert all("scene" in row["flags"] for row in manifest(tmp_path / "out"))


def test_validation_faces_are_taken_out_of_training_and_copies_of_test_faces_left_out(
    raw: RawRafdb, tmp_path: Path
) -> None:
    for i in range(30):
        raw.aligned(f"train_{i:05d}", i)
    raw.aligned("train_00030", 40)
    raw.aligned("test_0001", 40)
    convert(raw, tmp_path / "out", replace(OPTIONS, shares=SplitShares(0.3, 0.0)))
    splits = split_of_file(tmp_path / "out")
    assert [file for file, split in splits.items() if split == "test"] == [
        "aligned/test_0001_aligned.jpg"
    ]
    assert set(splits.values()) == {"train", "val", "test"}
    assert dropped(tmp_path / "out") == {"aligned/train_00030_aligned.jpg": "group_in_other_split"}


def test_whole_photographs_are_used_where_they_and_their_boxes_are_there(
    raw: RawRafdb, tmp_path: Path
) -> None:
    photograph = raw.original("train_00001", 1, BOX)
    raw.aligned("train_00002", 2)
    raw.original("train_00002", 3, None)
    raw.lines.pop()
    out = tmp_path / "out"
    report = convert(raw, out, replace(OPTIONS, unlabelled=Unlabelled.IGNORE))
    assert report["face_finder"]["name"] == "retinaface"
    assert any(
        "of 1 of 2 faces the photograph or its box is missing" in w for w in report["warnings"]
    )
    rows = {row["source_file"]: row for row in manifest(out)}
    assert set(rows) == {"original/train_00001.jpg", "aligned/train_00002_aligned.jpg"}
    row = rows["original/train_00001.jpg"]
    assert (row["faces"], row["ignored"]) == ("1", "1"), "the other face has no label"
    assert (out / row["file"]).read_bytes() == photograph.read_bytes()
    _, x, y, width, height = map(float, labels(out)["original/train_00001.txt"].split())
    assert (x * 320, y * 240) == pytest.approx((106, 110), abs=15)
    assert width * 320 == pytest.approx(height * 240), "a square, as ExpW's"
    assert width * 320 == pytest.approx(90, rel=0.25)


def test_the_listed_box_tells_which_face_has_the_label(raw: RawRafdb, tmp_path: Path) -> None:
    raw.original("train_00001", 1, "190 85 240 140")  # of the smaller one
    raw.original("train_00002", 2, "4 4 44 44")  # of a face that nobody finds
    convert(raw, tmp_path / "out")
    written = labels(tmp_path / "out")
    assert float(written["original/train_00001.txt"].split()[1]) * 320 == pytest.approx(213, abs=15)
    assert written["original/train_00002.txt"] == "3 0.075000 0.100000 0.125000 0.166667\n"


def test_bad_rows_and_files_are_dropped_by_reason(raw: RawRafdb, tmp_path: Path) -> None:
    raw.aligned("train_00001", 1)
    raw.aligned("train_00002", 2, label=8)
    raw.aligned("train_00003", 3, label="happy")
    raw.aligned("train_00004", 4).write_bytes(b"no image")
    raw.original("train_00005", 5, "1 2 3")
    raw.original("train_00006", 6, "9 9 3 3")
    raw.original("train_00007", 7, None)
    raw.original("train_00008", 8, "400 400 500 500")
    raw.lines += ["train_00009.jpg 4", "../train_00001.jpg 4", "train_00001.jpg", "", "x 1 2"]
    report = convert(raw, tmp_path / "out")
    assert report["rows_in"] == 12
    assert report["dropped"] == {
        "invalid_box": 2,
        "malformed_row": 3,
        "missing_box": 1,
        "missing_image": 1,
        "not_an_image": 1,
        "outside_image": 1,
        "unknown_label": 2,
    }


def test_a_root_that_is_no_rafdb_is_an_error_that_says_what_was_sought(
    raw: RawRafdb, tmp_path: Path
) -> None:
    with pytest.raises(YoloFerError, match=r"has no basic/EmoLabel/list_patition_label\.txt"):
        convert_rafdb(tmp_path, tmp_path / "out", OPTIONS)
    raw.write()
    with pytest.raises(YoloFerError, match="neither aligned nor original"):
        convert_rafdb(raw.root, tmp_path / "out", OPTIONS)
    raw.aligned("train_00001", 1)
    (raw.base / "EmoLabel" / "list_patition_label.txt").write_text("\n")
    with pytest.raises(YoloFerError, match="is empty"):
        convert_rafdb(raw.root, tmp_path / "out", OPTIONS)


def test_a_conversion_that_was_stopped_ends_with_the_same_bytes(
    raw: RawRafdb, tmp_path: Path
) -> None:
    for i in range(40):
        raw.aligned(f"train_{i:05d}", i, label=i % 7 + 1)
    raw.original("train_00040", 41, BOX)
    convert(raw, tmp_path / "whole")
    out = tmp_path / "out"

    def stop(items: Any, description: str, total: int) -> Any:
        yield next(iter(items))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert_rafdb(raw.root, out, OPTIONS, Run(progress=stop))
    assert not (out / "data.yaml").exists()
    assert convert_rafdb(raw.root, out, OPTIONS, Run(resume=True)) is not None
    assert contents(out) == contents(tmp_path / "whole")
    assert convert_rafdb(raw.root, out, OPTIONS, Run(resume=True)) is None
    assert convert_rafdb(raw.root, out, OPTIONS, Run(overwrite=True)) is not None
    assert contents(out) == contents(tmp_path / "whole")


@pytest.mark.slow
def test_the_training_part_of_rafdb_is_converted(tmp_path: Path) -> None:
    root = research_data("rafdb")
    if not root.is_dir():
        pytest.skip("RAF-DB is not here")
    report = convert_rafdb(root, tmp_path / "out", ImageOptions())
    assert report is not None
    assert (report["rows_in"], report["faces_out"]) == (12252, 12250)
    assert report["dropped"] == {"duplicate_row": 2}
