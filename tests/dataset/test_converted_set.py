"""Reading a set that a conversion wrote, an image at a time."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.helpers.drawn_samples import SAMPLES
from yolo_fer.dataset.coco import CocoFile
from yolo_fer.dataset.converted_set import ManifestRow, open_converted_set
from yolo_fer.dataset.layout import REPORT, coco_path
from yolo_fer.dataset.ledger import SPLITS
from yolo_fer.dataset.writer import MANIFEST_COLUMNS
from yolo_fer.errors import YoloFerError
from yolo_fer.paths import ESCAPE, escaped

GOOD = {"sha256": "0" * 64, "source": "drawn", "group": "g", "split": "train"}


def write(root: Path, **change: str) -> Path:
    """Write a set without its images; the first row of its manifest is changed."""
    (root / "annotations").mkdir(parents=True)
    for split in SPLITS:
        with CocoFile(coco_path(root, split)) as coco:
            for name, one in SAMPLES.items() if split == "train" else ():
                coco.add(name, one)
    with (root / "manifest.csv").open("w", newline="", errors=ESCAPE) as file:
        rows = csv.DictWriter(file, MANIFEST_COLUMNS, restval="")
        rows.writeheader()
        for name, one in SAMPLES.items():
            counts = {"faces": len(one.labelled), "ignored": len(one.ignored)}
            rows.writerow({"file": escaped(name), **GOOD, **counts, **change})
            change = {}
    (root / REPORT).write_text(json.dumps({"options": {"boxes": "expw"}}))
    (root / "data.yaml").touch()
    return root


def test_every_image_comes_with_its_row_and_its_faces(tmp_path: Path) -> None:
    found = open_converted_set(write(tmp_path))
    assert found.boxes == "expw"
    for (row, image), (name, one) in zip(found.images(), SAMPLES.items(), strict=True):
        assert row.file == image.file_name == name
        assert (row.faces, row.ignored) == (len(one.labelled), len(one.ignored))
        assert image.faces() == one.faces


def test_a_row_tells_where_its_labels_lie_and_what_was_done() -> None:
    flags = ("masked", "scene", "members:aa+bb")
    file = "images/val/sub/a.b.jpg"
    row = ManifestRow(2, file, "", "", "", "", None, "g", "val", 1, 0, flags)
    assert (row.name, row.label_file) == ("sub/a.b", "labels/val/sub/a.b.txt")
    assert row.masked
    assert row.members == ("aa", "bb")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sha256": ""}, "line 2: the sha256 is ''"),
        ({"source_sha256": "none"}, "the source_sha256 is 'none'"),
        ({"phash": "a"}, "the phash is 'a', not 64"),
        ({"faces": "1e999"}, "no whole number"),
        ({"split": "extra"}, "no image of the split 'extra'"),
        ({"file": "images/train/../../../a.jpg"}, "no image of the split"),
        ({"file": "/etc/passwd"}, "no image of the split"),
        ({"file": "images/train/none.jpg"}, "line 3: images/train/none.jpg is there twice"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_with_its_line(
    tmp_path: Path, change: dict[str, str], words: str
) -> None:
    found = open_converted_set(write(tmp_path, **change))
    with pytest.raises(YoloFerError, match=rf"manifest\.csv cannot be used: .*{words}"):
        list(found.rows())


def test_a_manifest_with_two_columns_of_one_name_or_one_too_few_is_refused(tmp_path: Path) -> None:
    found = open_converted_set(write(tmp_path))
    manifest = tmp_path / "manifest.csv"
    text = manifest.read_bytes()
    for old, new, words in (
        (b"source_file", b"file", "two columns of one name"),
        (b"group", b"person", "it lacks the columns group"),
    ):
        manifest.write_bytes(text.replace(old, new, 1))
        with pytest.raises(YoloFerError, match=words):
            list(found.rows())


def test_a_set_whose_manifest_tells_no_hash_of_the_picture_is_read_all_the_same(
    tmp_path: Path,
) -> None:
    found = open_converted_set(write(tmp_path))
    manifest = tmp_path / "manifest.csv"
    lines = manifest.read_bytes().splitlines()
    manifest.write_bytes(b"".join(line.rpartition(b",")[0] + b"\n" for line in lines))
    assert [row.phash for row in found.rows()] == [""] * len(SAMPLES)


def test_an_image_that_the_coco_file_lacks_is_told(tmp_path: Path) -> None:
    found = open_converted_set(write(tmp_path))
    with CocoFile(coco_path(tmp_path, "train")):
        pass
    with pytest.raises(YoloFerError, match=r"instances_train\.json: .*two\.jpg is not in it"):
        list(found.images())


@pytest.mark.parametrize("part", ["data.yaml", "manifest.csv", REPORT])
def test_a_set_that_is_not_complete_says_what_is_missing(tmp_path: Path, part: str) -> None:
    (write(tmp_path) / part).unlink()
    with pytest.raises(YoloFerError, match=f"not a complete set: {part} is missing"):
        open_converted_set(tmp_path)


@pytest.mark.parametrize("report", ["", "[]", "{}", '{"options": 3}', "[" * 100_000])
def test_a_damaged_report_is_named(tmp_path: Path, report: str) -> None:
    (write(tmp_path) / REPORT).write_text(report)
    with pytest.raises(YoloFerError, match=rf"{REPORT} (cannot be read|is not the report)"):
        open_converted_set(tmp_path)


def test_what_was_never_converted_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(YoloFerError, match="is not a converted set"):
        open_converted_set(tmp_path)
    with pytest.raises(YoloFerError, match="is not a folder"):
        open_converted_set(tmp_path / "nowhere")
