from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pycocotools.coco import COCO

from tests.helpers.command import yolo_fer
from tests.helpers.converted import (
    KEEP,
    TEST,
    TRAIN,
    change_rows,
    contents,
    convert_faces,
    convert_raw,
    recompressed,
    report,
    rows,
)
from tests.helpers.raw_expw import RawExpw, picture
from yolo_fer.convert.merge.merging import merge_sets
from yolo_fer.convert.merge.outcomes import MergeOptions
from yolo_fer.convert.options import Run
from yolo_fer.convert.rules import BoxConvention, Unlabelled
from yolo_fer.dataset.evaluation_set import read_evaluation_set
from yolo_fer.errors import UsageError, YoloFerError
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


def test_every_face_is_kept_and_images_and_labels_have_the_same_bytes(tmp_path: Path) -> None:
    a = convert_faces(tmp_path / "a", range(40))
    b = convert_faces(tmp_path / "b", range(100, 130))
    result = merged([a, b], tmp_path / "out")
    assert (result["rows_in"], result["faces_out"], result["images_out"]) == (70, 70, 70)
    both = Counter(
        data
        for folder in (a, b)
        for name, data in contents(folder).items()
        if name.startswith(("images", "labels"))
    )
    ours = contents(tmp_path / "out")
    assert both == Counter(d for name, d in ours.items() if name.startswith(("images", "labels")))
    for split in ("train", "val", "test"):
        coco = COCO(str(tmp_path / "out" / "annotations" / f"instances_{split}.json"))
        assert sorted(coco.anns) == list(range(1, len(coco.anns) + 1))
        assert sorted(coco.imgs) == list(range(1, len(coco.imgs) + 1))
    per_split = result["per_split"]
    for split, counts in per_split.items():
        for emotion, count in counts.items():
            parts = [report(folder)["per_split"][split][emotion] for folder in (a, b)]
            assert count == sum(parts)


def test_supervision_reads_a_merged_set_whole(tmp_path: Path) -> None:
    supervision = pytest.importorskip("supervision")
    a = convert_faces(tmp_path / "a", range(20))
    b = convert_faces(tmp_path / "b", range(100, 115))
    merged([a, b], tmp_path / "out")
    read = [
        supervision.DetectionDataset.from_coco(
            str(tmp_path / "out"), str(tmp_path / "out" / "annotations" / f"instances_{split}.json")
        )
        for split in ("train", "val", "test")
    ]
    assert sum(map(len, read)) == 35
    assert sum(len(faces) for one in read for _, _, faces in one) == 35


def test_each_source_has_its_folder_its_name_and_its_ledger(tmp_path: Path) -> None:
    a = convert_faces(tmp_path / "first", range(10))
    b = convert_faces(tmp_path / "second", range(50, 65))
    change_rows(b, lambda table: [row.update(source="raf-db") for row in table] and None)
    result = merged([a, b], tmp_path / "out")
    assert result["source"] == "expw+raf-db"
    assert {name: part["images_out"] for name, part in result["datasets"].items()} == {
        "expw": 10,
        "raf-db": 15,
    }
    for row in rows(tmp_path / "out"):
        assert row["file"].startswith(f"images/{row['split']}/{row['source']}/")
        assert row["group"].startswith(f"{row['source']}/")
    assert [part["source"] for part in result["conversions"]] == ["expw", "expw"]
    data = read_evaluation_set(tmp_path / "out" / "data.yaml", "train")
    assert {image.source for image in data.images} == {"expw", "raf-db"}


def test_an_unchanged_image_has_the_hash_that_the_manifest_tells(tmp_path: Path) -> None:
    sets = [convert_faces(tmp_path / name, range(n, n + 9)) for n, name in ((0, "a"), (50, "b"))]
    alike = rows(sets[0])[0]["phash"]
    change_rows(sets[1], lambda table: table[0].update(phash=alike))
    merged(sets, tmp_path / "out")
    groups = {row["source_sha256"]: row["group"] for row in rows(tmp_path / "out")}
    first, second = (groups[rows(folder)[0]["source_sha256"]] for folder in sets)
    assert first == second
    assert len(set(groups.values())) == 17, "what the manifest tells is not believed"


def test_sets_whose_manifests_tell_no_hash_are_merged_to_the_same_bytes(tmp_path: Path) -> None:
    sets = [convert_faces(tmp_path / name, range(n, n + 9)) for n, name in ((0, "a"), (5, "b"))]
    merged(sets, tmp_path / "new")
    for folder in sets:
        change_rows(folder, lambda table: [row.update(phash="") for row in table] and None)
    merged(sets, tmp_path / "old")
    new, old = contents(tmp_path / "new"), contents(tmp_path / "old")
    for name in ("manifest.csv", "conversion_report.json"):  # which has the hash of the former
        del new[name], old[name]
    assert new == old
    told = [{**row, "phash": ""} for row in rows(tmp_path / "new")]
    assert told == rows(tmp_path / "old")


def test_sets_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    a = convert_faces(tmp_path / "x" / "web", range(8), TRAIN, prefix="same")
    b = convert_faces(tmp_path / "y" / "web", range(20, 28), TRAIN, prefix="same")
    result = merged([a, b], tmp_path / "out")
    assert list(result["datasets"]) == ["web", "web-2"]
    assert result["images_out"] == 16


def test_a_merged_set_can_be_merged_again(tmp_path: Path) -> None:
    sets = [convert_faces(tmp_path / name, range(n, n + 9)) for n, name in ((0, "a"), (50, "b"))]
    merged(sets, tmp_path / "ab")
    third = convert_faces(tmp_path / "c", range(90, 99))
    result = merged([tmp_path / "ab", third], tmp_path / "abc")
    assert set(result["datasets"]) == {"a", "b", "expw"}
    assert result["faces_out"] == 27
    assert all(Path(r["file"]).parts[2:-1] == (r["source"],) for r in rows(tmp_path / "abc"))


@pytest.mark.parametrize("copy", ["identical", "near"])
def test_an_image_that_another_set_tests_on_moves_to_test(tmp_path: Path, copy: str) -> None:
    raw = RawExpw(tmp_path / "raw")
    for seed in range(6):
        raw.face(f"{seed}.jpg", seed=seed)
    training = convert_raw(raw, tmp_path / "training", TRAIN)
    other = RawExpw(tmp_path / "other")
    data = (raw.images / "3.jpg").read_bytes()
    other.image("copy.jpg", data if copy == "identical" else recompressed(picture(3)))
    other.row("copy.jpg", label=5)
    other.face("else.jpg", seed=77)
    testing = convert_raw(other, tmp_path / "testing", TEST)
    result = merged([training, testing], tmp_path / "out")
    assert splits(tmp_path / "out")["3"] == "test"
    assert result["datasets"]["training"]["images_moved"] == {"train to test": 1}
    assert any("1 from train to test" in warning for warning in result["warnings"])
    groups = {Path(row["file"]).stem: row["group"] for row in rows(tmp_path / "out")}
    assert groups["3"] == groups["copy"]
    flags = {Path(row["file"]).stem: row["flags"] for row in rows(tmp_path / "out")}
    assert flags["3"] == "moved_from_train"
    assert flags["copy"] == ""


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


def make_video(folder: Path) -> None:
    """Make one video of all images of a set."""

    def change(table: list[dict[str, str]]) -> None:
        for number, row in enumerate(table, start=1):
            row.update(frame=str(number), group="video", source="clips", source_sha256="ab" * 32)

    change_rows(folder, change)


def test_a_frame_that_shows_a_test_image_is_left_out_and_its_video_stays(tmp_path: Path) -> None:
    video = convert_faces(tmp_path / "video", range(8), TRAIN)
    make_video(video)
    testing = convert_faces(tmp_path / "testing", [5, 40, 41], TEST)
    result = merged([video, testing], tmp_path / "out")
    assert result["images_dropped"] == {"frame_shown_in_test": 1}
    assert result["images_moved"] == {}
    assert Counter(row["split"] for row in rows(tmp_path / "out")) == {"train": 7, "test": 3}


def test_an_image_that_a_frame_of_a_test_video_shows_moves_to_test(tmp_path: Path) -> None:
    video = convert_faces(tmp_path / "video", range(8), TEST)
    make_video(video)
    training = convert_faces(tmp_path / "training", [5, 40, 41], TRAIN)
    result = merged([video, training], tmp_path / "out")
    assert result["images_moved"] == {"train to test": 1}
    assert result["images_dropped"] == {}


def test_one_video_in_two_sets_goes_to_one_split(tmp_path: Path) -> None:
    testing = convert_faces(tmp_path / "testing", range(4), TEST)
    training = convert_faces(tmp_path / "training", range(10, 16), TRAIN)
    for folder in (testing, training):
        make_video(folder)
    result = merged([training, testing], tmp_path / "out")
    assert result["datasets"]["training"]["images_moved"] == {"train to test": 6}


def test_scenes_that_show_crops_of_one_group_go_to_one_split(tmp_path: Path) -> None:
    testing = convert_faces(tmp_path / "testing", range(4), TEST)
    training = convert_faces(tmp_path / "training", range(10, 16), TRAIN)
    change_rows(testing, lambda table: table[0].update(flags="scene;members:aa+bb"))
    change_rows(training, lambda table: table[2].update(flags="scene;members:cc+bb"))
    result = merged([training, testing], tmp_path / "out")
    assert result["images_moved"] == {"train to test": 1}


def test_a_source_file_that_gave_several_groups_joins_nothing(tmp_path: Path) -> None:
    testing = convert_faces(tmp_path / "testing", range(4), TEST)
    training = convert_faces(tmp_path / "training", range(10, 16), TRAIN)
    for folder in (testing, training):
        change_rows(
            folder, lambda table: [row.update(source_sha256="cd" * 32) for row in table] and None
        )
    assert merged([training, testing], tmp_path / "out")["images_moved"] == {}


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


class Killed(Exception):
    pass


@pytest.mark.parametrize("step", ["comparing images", "copying images"])
def test_a_killed_merge_goes_on_and_ends_with_the_same_bytes(tmp_path: Path, step: str) -> None:
    sets = [convert_faces(tmp_path / name, range(n, n + 70)) for n, name in ((0, "a"), (200, "b"))]
    merged(sets, tmp_path / "whole")

    def kill(items: Iterable[Any], description: str, total: int) -> Iterator[Any]:
        for number, item in enumerate(items):
            if description == step and number == 2:
                raise Killed
            yield item

    out = tmp_path / "out"
    with pytest.raises(Killed):
        merge_sets(sets, out, ALL, Run(progress=kill))
    with pytest.raises(UsageError, match="not empty"):
        merge_sets(sets, out, ALL)
    with pytest.raises(UsageError, match="seed"):
        merge_sets(sets, out, MergeOptions(seed=3), Run(resume=True))
    workers = 2 if step == "copying images" else 1
    assert merge_sets(sets, out, ALL, Run(resume=True, workers=workers)) is not None
    assert contents(out) == contents(tmp_path / "whole")
    assert merge_sets(sets, out, ALL, Run(resume=True)) is None


def test_overwrite_replaces_a_merge_and_nothing_else(tmp_path: Path) -> None:
    sets = [convert_faces(tmp_path / name, range(n, n + 9)) for n, name in ((0, "a"), (50, "b"))]
    third = convert_faces(tmp_path / "c", range(90, 99))
    merged(sets, tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    assert merge_sets([sets[0], third], tmp_path / "out", ALL, Run(overwrite=True)) is not None
    assert set(report(tmp_path / "out")["datasets"]) == {"a", "c"}
    assert not (tmp_path / "out" / "images" / "train" / "b").exists()
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("x")
    with pytest.raises(UsageError, match="not a converted set"):
        merge_sets(sets, tmp_path / "full", ALL, Run(overwrite=True))


def test_bad_images_are_left_out_by_reason_and_the_rest_is_merged(tmp_path: Path) -> None:
    a = convert_faces(tmp_path / "a", range(8), TRAIN)
    b = convert_faces(tmp_path / "b", range(20, 28), TRAIN)
    (a / "images/train/0.jpg").unlink()
    (a / "images/train/1.jpg").write_bytes((a / "images/train/2.jpg").read_bytes())
    (a / "images/train/3.jpg").write_bytes(b"")
    (a / "labels/train/4.txt").unlink()
    result = merged([a, b], tmp_path / "out")
    assert result["images_dropped"] == {
        "changed_image": 1,
        "empty_image": 1,
        "missing_image": 1,
        "missing_label": 1,
    }
    assert result["faces_out"] == 12
    done = yolo_fer("merge", a, b, "--out", tmp_path / "strict", "--strict")
    assert done.returncode == 1
    assert "4 bad images" in done.stderr


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


def test_the_command_prints_the_ledger_and_what_moved(tmp_path: Path) -> None:
    a = convert_faces(tmp_path / "a", range(8), TRAIN)
    b = convert_faces(tmp_path / "b", [3, *range(20, 27)], TEST)
    done = yolo_fer("merge", a, b, "--out", tmp_path / "out", "--test-images", "4")
    assert done.returncode == 0, done.stderr
    assert "not_drawn_for_test" in done.stdout
    assert "1 from train to test" in done.stderr
    assert json.loads((tmp_path / "out" / "conversion_report.json").read_text())["rows_in"] == 16
