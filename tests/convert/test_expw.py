from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import cv2
import pytest
import yaml
from pycocotools.coco import COCO

from tests.helpers.converted import labels
from tests.helpers.converted import rows as manifest
from tests.helpers.converted_expw import ALL_TRAIN, KEEP, convert
from tests.helpers.raw_expw import RawExpw, picture
from tests.helpers.research_data import research_data
from yolo_fer import images
from yolo_fer.convert.expw import ExpwOptions, convert_expw
from yolo_fer.convert.options import Run
from yolo_fer.convert.scan import FinderChoice
from yolo_fer.dataset.duplicates import perceptual_hash
from yolo_fer.dataset.splits import SplitShares
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.errors import UsageError, YoloFerError


def test_an_image_with_several_faces_keeps_them_all(raw: RawExpw, tmp_path: Path) -> None:
    raw.image("two.jpg", 1)
    raw.row("two.jpg", (12, 9, 36, 45), label=0)
    raw.row("two.jpg", (60, 18, 108, 72), label=6)
    report = convert(raw, tmp_path / "out")
    assert report["faces_out"] == 2
    assert labels(tmp_path / "out") == {
        "two.txt": "0 0.200000 0.300000 0.200000 0.400000\n6 0.700000 0.500000 0.400000 0.600000\n"
    }


def test_every_file_of_a_set_is_written(raw: RawExpw, tmp_path: Path) -> None:
    for i in range(40):
        raw.face(f"{i}.jpg", seed=i, label=i % 7)
    raw.row("0.jpg", (70, 10, 110, 50), score=20)
    out = tmp_path / "out"
    report = convert(raw, out, KEEP)
    data = yaml.safe_load((out / "data.yaml").read_text())
    assert "path" not in data
    assert data["names"] == dict(enumerate(EMOTION_NAMES))
    assert json.loads((out / "conversion_report.json").read_text()) == report
    assert not (out / ".work").exists()
    rows = manifest(out)
    assert list(rows[0]) == [
        "file", "sha256", "source", "source_file", "source_sha256", "frame", "group", "split",
        "faces", "ignored", "flags", "phash",
    ]  # fmt: skip
    assert len(rows) == report["images_out"] == 40
    for row in rows:
        data_bytes = (out / row["file"]).read_bytes()
        assert hashlib.sha256(data_bytes).hexdigest() == row["sha256"]
        assert perceptual_hash(images.decode_grey(data_bytes)).hex() == row["phash"]
        assert (out / row["file"].replace("images", "labels", 1)).with_suffix(".txt").is_file()
    ignored = 0
    for split in ("train", "val", "test"):
        coco = COCO(out / "annotations" / f"instances_{split}.json")
        names = [c["name"] for c in coco.loadCats(coco.getCatIds())]
        assert names == [*EMOTION_NAMES, "unlabelled"]
        assert all(a["id"] >= 1 and a["area"] > 0 for a in coco.anns.values())
        assert {i["file_name"] for i in coco.imgs.values()} == {
            row["file"] for row in rows if row["split"] == split
        }
        ignored += sum(a["iscrowd"] for a in coco.anns.values())
    assert ignored == 1, "the face below the minimum score is to be ignored"
    assert str(tmp_path) not in (out / "conversion_report.json").read_text()


def test_faces_at_or_below_the_minimum_score_are_dropped(raw: RawExpw, tmp_path: Path) -> None:
    for name, score in (("low", 49.9), ("equal", 50), ("above", 50.1)):
        raw.face(f"{name}.jpg", seed=len(name), score=score)
    report = convert(raw, tmp_path / "out")
    assert report["dropped"] == {"low_score": 2}
    assert list(labels(tmp_path / "out")) == ["above.txt"]


def test_boxes_past_the_edge_are_cut_and_counted_and_those_outside_dropped(
    raw: RawExpw, tmp_path: Path
) -> None:
    raw.image("a.jpg", 1)
    raw.row("a.jpg", (-30, -30, 60, 60))
    raw.row("a.jpg", (500, 500, 600, 600))
    report = convert(raw, tmp_path / "out")
    assert (report["clipped"], report["dropped"]) == (1, {"outside_image": 1})
    assert labels(tmp_path / "out")["a.txt"] == "3 0.250000 0.333333 0.500000 0.666667\n"


def test_a_box_that_no_label_can_tell_is_dropped(raw: RawExpw, tmp_path: Path) -> None:
    raw.face("a.jpg", seed=1, box=(0, 0, 30, 30))
    raw.row("a.jpg", (50, 50, 50.0001, 50.0001))
    report = convert(raw, tmp_path / "out")
    assert report["dropped"] == {"invalid_box": 1}
    assert len(labels(tmp_path / "out")["a.txt"].splitlines()) == 1


def test_byte_identical_copies_become_one_image_with_all_their_faces(
    raw: RawExpw, tmp_path: Path
) -> None:
    raw.face("a.jpg", seed=1, box=(0, 0, 30, 30), label=1)
    raw.face("b.jpg", seed=1, box=(60, 30, 90, 60), label=2)
    raw.row("b.jpg", (1, 0, 31, 30), label=1)
    report = convert(raw, tmp_path / "out")
    assert report["dropped"] == {"duplicate_row": 1}
    rows = manifest(tmp_path / "out")
    assert [(r["source_file"], r["faces"], r["flags"]) for r in rows] == [
        ("a.jpg", "2", "copies:2")
    ]


def test_contradictory_labels_of_copies_are_a_soft_label_in_training_and_ignored_elsewhere(
    raw: RawExpw, tmp_path: Path
) -> None:
    raw.face("a.jpg", seed=1, box=(0, 0, 30, 30), label=1)
    raw.face("b.jpg", seed=1, box=(0, 0, 30, 30), label=4)
    raw.row("b.jpg", (60, 30, 90, 60), label=2)
    assert convert(raw, tmp_path / "train")["dropped"] == {"duplicate_row": 1}
    row = manifest(tmp_path / "train")[0]
    assert (row["faces"], row["ignored"]) == ("2", "0")
    assert row["flags"].split("votes:")[1] == "0/0/0/1/0/1/0/0/0/0+0/0/0/0/0/0/1/0/0/0"
    all_test = replace(KEEP, shares=SplitShares(val=0, test=0.999999))
    assert convert(raw, tmp_path / "test", all_test)["dropped"] == {"contradictory_labels": 2}
    row = manifest(tmp_path / "test")[0]
    assert (row["faces"], row["ignored"]) == ("1", "1")
    raw.face("c.jpg", seed=1, box=(0, 0, 30, 30), label=4)
    assert convert(raw, tmp_path / "most", all_test)["dropped"] == {"duplicate_row": 2}
    assert labels(tmp_path / "most", "test")["a.txt"].startswith("4 "), "two of three say so"


def test_near_copies_that_disagree_share_their_votes(raw: RawExpw, tmp_path: Path) -> None:
    raw.image("a.jpg", picture(1, 320, 240))
    raw.row("a.jpg", (20, 20, 120, 120), label=0)
    raw.row("a.jpg", (200, 100, 300, 200), label=3)
    raw.image("b.jpg", cv2.resize(picture(1, 320, 240), (160, 120), interpolation=cv2.INTER_AREA))
    raw.row("b.jpg", (11, 10, 61, 60), label=1)
    raw.face("other.jpg", seed=2)
    convert(raw, tmp_path / "out")
    flags = {row["source_file"]: row["flags"] for row in manifest(tmp_path / "out")}
    both, happy = "0/0/0/0/1/1/0/0/0/0", "0/1/0/0/0/0/0/0/0/0"
    assert flags == {"a.jpg": f"votes:{both}+{happy}", "b.jpg": f"votes:{both}", "other.jpg": ""}
    assert [labels(tmp_path / "out")[f"{name}.txt"][0] for name in "ab"] == ["0", "1"]


def test_near_duplicates_share_a_group_and_a_split(raw: RawExpw, tmp_path: Path) -> None:
    for seed in range(12):
        image = picture(seed, 320, 240)
        copy = image.copy()
        cv2.putText(copy, "caption", (5, 230), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 1)
        smaller = cv2.resize(image, (160, 120), interpolation=cv2.INTER_AREA)
        raw.image(f"{seed}.jpg", image)
        raw.image(f"{seed} captioned.jpg", copy)
        raw.image(f"{seed} small.png", smaller)
        for name in (f"{seed}.jpg", f"{seed} captioned.jpg", f"{seed} small.png"):
            raw.row(name)
    half = replace(KEEP, shares=SplitShares(val=0.3, test=0.3))
    convert(raw, tmp_path / "out", half)
    groups: dict[str, set[str]] = {}
    for row in manifest(tmp_path / "out"):
        seed = row["source_file"].replace(".", " ").split()[0]
        groups.setdefault(seed, set()).add(row["group"] + row["split"])
    assert all(len(found) == 1 for found in groups.values()), "a copy left its group"
    assert len(set.union(*groups.values())) == 12, "different pictures share a group"


def test_more_data_moves_no_image_to_another_split(raw: RawExpw, tmp_path: Path) -> None:
    for i in range(60):
        raw.face(f"{i}.jpg", seed=i)
    convert(raw, tmp_path / "few", KEEP)
    for i in range(60, 90):
        raw.face(f"{i}.jpg", seed=i)
    convert(raw, tmp_path / "more", KEEP)
    few = {r["source_file"]: r["split"] for r in manifest(tmp_path / "few")}
    more = {r["source_file"]: r["split"] for r in manifest(tmp_path / "more")}
    assert {name: more[name] for name in few} == few
    assert set(few.values()) == {"train", "val", "test"}


def test_names_that_a_file_system_may_confuse_stay_apart(raw: RawExpw, tmp_path: Path) -> None:
    names = ["A.jpg", "a.jpg", "a.png", "sub/a.jpg", "with space é.jpg"]
    for seed, name in enumerate(names):
        raw.face(name, seed=seed)
    report = convert(raw, tmp_path / "out")
    assert report["images_out"] == len(names)
    files = [row["file"] for row in manifest(tmp_path / "out")]
    assert len({f.casefold().rsplit(".", 1)[0] for f in files}) == len(names)
    assert "images/train/sub/a.jpg" in files
    assert "images/train/with space é.jpg" in files


def test_bad_rows_are_dropped_by_reason(raw: RawExpw, tmp_path: Path) -> None:
    raw.face("good.jpg", seed=1)
    raw.row("good.jpg", (70, 10, 110, 50), label=9)
    raw.lines += ["good.jpg 0 1 2", "good.jpg 0 nan 1 9 9 80 3", "good.jpg 0 9 1 2 9 80 3", ""]
    raw.row("../good.jpg")
    report = convert(raw, tmp_path / "out")
    assert report["dropped"] == {
        "invalid_box": 1,
        "malformed_row": 1,
        "not_a_number": 1,
        "unknown_label": 1,
        "unsafe_path": 1,
    }
    assert report["rows_in"] == 6


def test_without_a_usable_face_the_error_says_why(raw: RawExpw, tmp_path: Path) -> None:
    raw.row("missing.jpg")
    with pytest.raises(YoloFerError, match="missing_image"):
        convert_expw(raw.write(), tmp_path / "out", KEEP)
    (raw.root / "label" / "label.lst").write_text("\n")
    with pytest.raises(YoloFerError, match="is empty"):
        convert_expw(raw.root, tmp_path / "out2", KEEP)


def test_a_split_without_a_class_is_a_warning(raw: RawExpw, tmp_path: Path) -> None:
    raw.face("a.jpg", seed=1, label=3)
    raw.face("unnamed.jpg", seed=2)
    raw.lines.pop()
    report = convert(raw, tmp_path / "out")
    assert any("train split has no face of: anger" in w for w in report["warnings"])
    assert any("1 images have no usable row" in w for w in report["warnings"])


def test_a_wrong_finder_or_a_place_among_the_images_writes_nothing(
    raw: RawExpw, tmp_path: Path
) -> None:
    raw.face("a.jpg", seed=1)
    wrong = ExpwOptions(finder=FinderChoice("eyes", "cpu", 0.5))
    for out, options in ((tmp_path / "out", wrong), (raw.images / "out", ALL_TRAIN)):
        with pytest.raises(UsageError):
            convert_expw(raw.write(), out, options)
        assert not out.exists()


def test_names_of_any_length_and_folders_named_like_images(raw: RawExpw, tmp_path: Path) -> None:
    raw.face(f"{'x' * 251}.jpg", seed=1)
    (raw.images / "folder.jpg").mkdir()
    raw.row("folder.jpg")
    assert convert(raw, tmp_path / "out")["dropped"] == {"missing_image": 1}
    assert str(tmp_path) not in (tmp_path / "out" / "dropped.csv").read_text()


def test_real_expw_gives_a_balanced_ledger(tmp_path: Path) -> None:
    report = convert_expw(research_data("expw"), tmp_path / "out", KEEP, Run(workers=2))
    assert report is not None
    assert report["rows_in"] == 4567
    assert report["faces_out"] == 2582
    assert report["dropped"] == {"low_score": 1985}
    names = {split: sum(c.values()) for split, c in report["per_split"].items()}
    assert min(names.values()) > 150
