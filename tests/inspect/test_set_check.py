from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.converted import (
    TEST,
    TRAIN,
    change_json,
    change_rows,
    convert_raw,
    rows,
    write_rows,
)
from tests.helpers.damage import (
    INSTANCES,
    box_outside,
    break_a_label,
    coco,
    copy_to_test,
    count_from_0,
    empty_a_label,
    extra_image,
    failed,
    first,
    flip_a_byte,
    ignore_in_one_emotion,
    label_of,
    ledger,
    move,
    move_a_label,
    rename_an_emotion,
    replace_in_yaml,
    share_a_group,
    share_a_member,
    shift_a_box,
    truncate,
    unknown_image,
    unlist_an_image,
    warned,
    wrong_size,
)
from tests.helpers.raw_expw import RawExpw
from yolo_fer.convert.merge.merging import merge_sets
from yolo_fer.convert.merge.outcomes import MergeOptions
from yolo_fer.errors import YoloFerError
from yolo_fer.inspect.set_check import check_set
from yolo_fer.runtime.executor import Compute


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three splits with every emotion, and an ignored face in each."""
    folder = tmp_path_factory.mktemp("good")
    parts = []
    for number, options in enumerate((TRAIN, TEST)):
        raw = RawExpw(folder / f"raw{number}")
        for i in range(14):
            raw.face(f"{number}-{i}.jpg", seed=100 * number + i, label=i % 7)
        raw.row(f"{number}-0.jpg", (70, 10, 110, 50), score=20)
        parts.append(convert_raw(raw, folder / f"part{number}", options))
    for row in rows(parts[1])[:7]:  # half of the test images become validation images
        move(parts[1], row["file"], "val")
    recount(parts[1])
    assert merge_sets(parts, folder / "set", MergeOptions()) is not None
    return folder / "set"


def recount(folder: Path) -> None:
    """Make the report count the faces of each split as the COCO files have them."""

    def change(report: Any) -> None:
        for split, counts in report["per_split"].items():
            coco = json.loads((folder / "annotations" / f"instances_{split}.json").read_text())
            ids = [a["category_id"] for a in coco["annotations"] if not a["iscrowd"]]
            counts.update({name: ids.count(i) for i, name in enumerate(counts, start=1)})

    change_json(folder / "conversion_report.json", change)


@pytest.fixture
def damaged(good: Path, tmp_path: Path) -> Path:
    return shutil.copytree(good, tmp_path / "set")


def test_a_good_set_passes_every_check(good: Path) -> None:
    findings = check_set(good, Compute(2))
    assert failed(findings) == warned(findings) == set()
    assert (findings.images, findings.faces) == (28, 28)
    assert findings.converted


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (flip_a_byte, {"sha256"}),
        (truncate, {"sha256", "images"}),
        (move_a_label, {"coco_boxes"}),
        (rename_an_emotion, {"coco_boxes", "ledger"}),
        (break_a_label, {"labels"}),
        (empty_a_label, {"coco_boxes", "ledger"}),
        (box_outside, {"boxes_inside", "coco_boxes"}),
        (lambda folder: (folder / first(folder)).unlink(), {"missing_files"}),
        (
            lambda folder: label_of(folder, first(folder)).unlink(),
            {"missing_files", "coco_boxes", "ledger"},
        ),
        (extra_image, {"extra_files"}),
        (copy_to_test, {"identical", "near_duplicates"}),
        (lambda folder: copy_to_test(folder, near=True), {"near_duplicates"}),
        (share_a_group, {"groups"}),
        (share_a_member, {"groups"}),
        (
            lambda folder: change_rows(
                folder, lambda t: [r.update(flags="masked") for r in t] and None
            ),
            {"test_unpainted"},
        ),
        (
            lambda folder: change_rows(folder, lambda t: t[4].update(faces="2")),
            {"manifest_counts"},
        ),
        (lambda folder: write_rows(folder, rows(folder)[1:]), {"extra_files", "coco", "ledger"}),
        (coco(count_from_0), {"coco"}),
        (coco(unlist_an_image), {"coco"}),
        (coco(unknown_image), {"coco", "coco_boxes", "manifest_counts"}),
        (coco(ignore_in_one_emotion), {"ignored"}),
        (coco(shift_a_box), {"coco_boxes"}),
        (coco(wrong_size), {"coco_sizes", "coco_boxes"}),
        (ledger(lambda report: report.update(rows_in=29)), {"ledger"}),
        (ledger(lambda report: report["per_split"]["val"].update(fear=9)), {"ledger"}),
        (ledger(lambda report: report["datasets"].popitem()), {"ledger"}),
        (ledger(lambda report: report.pop("images_out")), {"ledger"}),
        (
            replace_in_yaml("  0: anger\n  1: disgust", "  0: disgust\n  1: anger"),
            {"data_yaml", "coco_boxes"},
        ),
        (replace_in_yaml("test: images/test", "test: images/val"), {"data_yaml"}),
    ],
)
def test_each_damage_is_found_and_nothing_else_is_blamed(
    damaged: Path, damage: Callable[[Path], None], expected: set[str]
) -> None:
    damage(damaged)
    assert failed(check_set(damaged)) == expected


@pytest.mark.parametrize("box", ["0.5 0.5 0.04 0.05", "0.5 0.5 0.99 0.99", "0.5 0.5 0.7 0.2"])
def test_odd_boxes_are_warnings_with_examples(damaged: Path, box: str) -> None:
    path = label_of(damaged, first(damaged))
    path.write_text(f"{path.read_text()[0]} {box}\n")
    check = check_set(damaged).checks["boxes_usual"]
    assert (check.status, check.found) == ("warn", 1)
    assert first(damaged) in check.examples[0]


def test_what_is_no_set_or_not_complete_is_a_clear_error(good: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    for folder, message in (
        (tmp_path / "photos", "is not a set"),
        (tmp_path / "nowhere", "is not a set"),
    ):
        with pytest.raises(YoloFerError, match=message):
            check_set(folder)
    for missing in ("data.yaml", "manifest.csv", "conversion_report.json", "annotations"):
        cut = shutil.copytree(good, tmp_path / missing)
        path = cut / missing
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        with pytest.raises(YoloFerError, match=f"not a complete set: {missing} is missing"):
            check_set(cut)
    cut = shutil.copytree(good, tmp_path / "half")
    (cut / INSTANCES).write_text((cut / INSTANCES).read_text()[:400])
    with pytest.raises(YoloFerError, match="is not a COCO file"):
        check_set(cut)


def test_a_set_whose_manifest_tells_no_hash_is_checked_all_the_same(
    good: Path, tmp_path: Path
) -> None:
    old = shutil.copytree(good, tmp_path / "old")
    table = (old / "manifest.csv").read_text().splitlines()
    (old / "manifest.csv").write_text("".join(f"{row.rpartition(',')[0]}\n" for row in table))
    assert "phash" not in rows(old)[0]
    assert check_set(old).checks == check_set(good).checks
