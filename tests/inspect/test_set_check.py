from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.helpers.command import yolo_fer
from tests.helpers.converted import (
    TEST,
    TRAIN,
    change_json,
    change_rows,
    convert_faces,
    convert_raw,
    recompressed,
    rows,
    write_rows,
)
from tests.helpers.raw_expw import RawExpw, picture
from yolo_fer.convert.merge.merging import merge_sets
from yolo_fer.convert.merge.outcomes import MergeOptions
from yolo_fer.dataset.fingerprint import Fingerprint
from yolo_fer.errors import YoloFerError
from yolo_fer.inspect.findings import Findings
from yolo_fer.inspect.set_check import check_set
from yolo_fer.runtime.executor import Compute

INSTANCES = "annotations/instances_train.json"


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


def move(folder: Path, file: str, split: str) -> None:
    """Move an image to another split, in the manifest, the COCO files and on disk."""
    old = file.split("/")[1]
    new = file.replace(f"/{old}/", f"/{split}/", 1)
    table = rows(folder)
    for row in table:
        if row["file"] == file:
            row.update(file=new, split=split)
    write_rows(folder, table)
    for kind, suffix in (("images", ".jpg"), ("labels", ".txt")):
        source = folder / kind / Path(file).relative_to("images").with_suffix(suffix)
        target = folder / kind / Path(new).relative_to("images").with_suffix(suffix)
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
    files = {s: folder / "annotations" / f"instances_{s}.json" for s in (old, split)}
    coco = {s: json.loads(path.read_text()) for s, path in files.items()}
    image = next(image for image in coco[old]["images"] if image["file_name"] == file)
    annotations = [a for a in coco[old]["annotations"] if a["image_id"] == image["id"]]
    coco[old]["images"].remove(image)
    coco[old]["annotations"] = [a for a in coco[old]["annotations"] if a not in annotations]
    moved = max((i["id"] for i in coco[split]["images"]), default=0) + 1
    coco[split]["images"].append({**image, "id": moved, "file_name": new})
    coco[split]["annotations"] += [{**a, "image_id": moved} for a in annotations]
    for s, content in coco.items():
        numbers = {image["id"]: n for n, image in enumerate(content["images"], start=1)}
        for image in content["images"]:
            image["id"] = numbers[image["id"]]
        for n, annotation in enumerate(content["annotations"], start=1):
            annotation.update(id=n, image_id=numbers[annotation["image_id"]])
        files[s].write_text(json.dumps(content))


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


def failed(findings: Findings) -> set[str]:
    return {check.name for check in findings.failed}


def warned(findings: Findings) -> set[str]:
    return {c.name for c in findings.checks.values() if c.status == "warn"}


def first(folder: Path, split: str = "train") -> str:
    return next(row["file"] for row in rows(folder) if row["split"] == split)


def label_of(folder: Path, file: str) -> Path:
    return folder / file.replace("images", "labels").replace(".jpg", ".txt")


def test_a_good_set_passes_every_check(good: Path) -> None:
    findings = check_set(good, Compute(2))
    assert failed(findings) == warned(findings) == set()
    assert (findings.images, findings.faces) == (28, 28)
    assert findings.converted


def flip_a_byte(folder: Path) -> None:
    path = folder / first(folder)
    data = bytearray(path.read_bytes())
    data[15] ^= 1  # the density in the header: the picture stays as it is
    path.write_bytes(bytes(data))


def truncate(folder: Path) -> None:
    path = folder / first(folder)
    path.write_bytes(path.read_bytes()[:700])


def move_a_label(folder: Path) -> None:
    label_of(folder, first(folder)).write_text("0 0.5 0.5 0.4 0.5\n")


def rename_an_emotion(folder: Path) -> None:
    path = label_of(folder, first(folder))
    path.write_text("6" + path.read_text()[1:])


def break_a_label(folder: Path) -> None:
    path = label_of(folder, first(folder))
    path.write_text(path.read_text() + "0 0.5 0.5 nan 0.1\n")


def empty_a_label(folder: Path) -> None:
    label_of(folder, first(folder)).write_text("")


def box_outside(folder: Path) -> None:
    label_of(folder, first(folder)).write_text("0 0.1 0.5 0.205 0.5\n")


def copy_to_test(folder: Path, *, near: bool = False) -> None:
    """Put a training image into a test image's place, and note its hashes as if it belonged."""
    data = (folder / first(folder)).read_bytes()
    data = recompressed(cv2.imdecode(np.frombuffer(data, np.uint8), 1)) if near else data
    target = first(folder, "test")
    (folder / target).write_bytes(data)
    known = asdict(Fingerprint.of(data))
    change_rows(folder, lambda t: [r.update(known) for r in t if r["file"] == target] and None)


def share_a_group(folder: Path) -> None:
    def change(table: list[dict[str, str]]) -> None:
        groups = {row["split"]: row for row in table}
        groups["test"]["group"] = groups["train"]["group"]

    change_rows(folder, change)


def share_a_member(folder: Path) -> None:
    def change(table: list[dict[str, str]]) -> None:
        of_split = {row["split"]: row for row in table}
        of_split["val"]["flags"] = "scene;members:aa+bb"
        of_split["train"]["flags"] = "scene;members:bb"

    change_rows(folder, change)


def coco(change: Callable[[Any], None]) -> Callable[[Path], None]:
    return lambda folder: change_json(folder / INSTANCES, change)


def count_from_0(content: Any) -> None:
    for annotation in content["annotations"]:
        annotation["id"] -= 1


def unlist_an_image(content: Any) -> None:
    image = content["images"].pop(3)
    content["annotations"] = [a for a in content["annotations"] if a["image_id"] != image["id"]]


def unknown_image(content: Any) -> None:
    content["annotations"][-1]["image_id"] = 999


def ignore_in_one_emotion(content: Any) -> None:
    crowd = [a for a in content["annotations"] if a["iscrowd"]]
    crowd[-1]["category_id"] = 1


def shift_a_box(content: Any) -> None:
    content["annotations"][-1]["bbox"][0] += 0.5


def wrong_size(content: Any) -> None:
    content["images"][0]["width"] += 1


def ledger(change: Callable[[Any], None]) -> Callable[[Path], None]:
    return lambda folder: change_json(folder / "conversion_report.json", change)


def extra_image(folder: Path) -> None:
    (folder / "images/train/extra.jpg").write_bytes(recompressed(picture(999)))


def replace_in_yaml(old: str, new: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        path = folder / "data.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return damage


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


def test_a_split_without_a_class_is_a_warning_and_the_status_is_0(tmp_path: Path) -> None:
    folder = convert_faces(tmp_path / "set", range(5), TRAIN)
    done = yolo_fer("check", folder, "--json", tmp_path / "found.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "val has no anger" in done.stdout
    found = json.loads((tmp_path / "found.json").read_text())
    assert (found["images"], found["faces"], found["failed"]) == (5, 5, 0)
    statuses = {check["name"]: check["status"] for check in found["checks"]}
    assert statuses["classes"] == "warn"
    assert statuses["ledger"] == "pass"


def test_a_failure_is_named_with_its_file_and_the_status_is_1(damaged: Path) -> None:
    move_a_label(damaged)
    done = yolo_fer("check", damaged, "--workers", "1")
    assert done.returncode == 1
    assert first(damaged) in done.stdout
    assert "1 of 20 checks failed" in done.stdout


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
    for column, text, message in (
        ("sha256", "", r"line 2: the sha256 is ''"),
        ("sha256", "0" * 63, "the sha256 is"),
        ("source_sha256", "none", "the source_sha256 is"),
        ("phash", "a", "the phash is 'a', not 64"),
        ("faces", "1e999", "no whole number"),
        ("file", "images/train/../../../a.jpg", "no image of the split"),
    ):
        odd = shutil.copytree(good, tmp_path / f"{column}{len(text)}")
        change_rows(odd, lambda t, c=column, x=text: t[0].update({c: x}))  # type: ignore[misc]
        with pytest.raises(YoloFerError, match=message):
            check_set(odd)
    columns = shutil.copytree(good, tmp_path / "columns")
    manifest = (columns / "manifest.csv").read_text()
    (columns / "manifest.csv").write_text(manifest.replace("source_file", "file", 1))
    with pytest.raises(YoloFerError, match="two columns of one name"):
        check_set(columns)
    twice = shutil.copytree(good, tmp_path / "twice")
    change_rows(twice, lambda t: t.append(t[0]))
    with pytest.raises(YoloFerError, match="is there twice"):
        check_set(twice)
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


def plain(root: Path) -> Path:
    """Write a data.yaml as others do, with a folder of images and labels for each split."""
    for split, seeds in (("train", range(7)), ("valid", range(20, 27))):
        (root / split / "images").mkdir(parents=True)
        (root / split / "labels").mkdir()
        for i, seed in enumerate(seeds):
            (root / split / "images" / f"{seed}.jpg").write_bytes(recompressed(picture(seed), 90))
            (root / split / "labels" / f"{seed}.txt").write_text(f"{i} 0.4 0.5 0.3 0.4\n")
    (root / "data.yaml").write_text(
        "train: train/images\nval: valid/images\n"
        "names: [Angry, disgust, fear, Happy, sad, surprise, neutral]\n"
    )
    return root


def test_a_plain_set_gets_the_checks_that_make_sense(tmp_path: Path) -> None:
    root = plain(tmp_path)
    findings = check_set(root)
    assert failed(findings) == warned(findings) == set()
    assert (findings.converted, findings.images, findings.faces) == (False, 14, 14)
    assert "ledger" not in findings.checks
    assert check_set(root / "data.yaml").checks == findings.checks
    (root / "valid/images/20.jpg").write_bytes((root / "train/images/0.jpg").read_bytes())
    (root / "train/images/1.jpg").write_bytes(b"no image")
    (root / "train/labels/2.txt").write_text("9 0.5 0.5 0.2 0.2\n")
    (root / "train/labels/3.txt").unlink()
    (root / "train/labels/lonely.txt").write_text("")
    findings = check_set(root)
    assert failed(findings) == {"identical", "near_duplicates", "images", "labels"}
    assert warned(findings) == {"label_files", "classes"}
    assert findings.checks["label_files"].found == 2


def test_a_link_from_one_split_into_another_is_a_leak(tmp_path: Path) -> None:
    root = plain(tmp_path)
    (root / "valid" / "images" / "more").symlink_to(root / "train" / "images")
    assert "identical" in failed(check_set(root))


def test_a_plain_set_whose_folders_are_missing_fails(tmp_path: Path) -> None:
    root = plain(tmp_path)
    shutil.rmtree(root / "valid")
    assert failed(check_set(root)) == {"data_yaml"}
