from __future__ import annotations

import csv
import json
import os
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.helpers.converted import contents
from tests.helpers.converted import rows as manifest
from tests.helpers.converted_affwild2 import ALONE, DEFAULT, TWO, command, convert
from tests.helpers.raw_affwild2 import ANN, BEN, HEADER, STRANGER, RawAffwild2, film, scene, turned
from yolo_fer import images
from yolo_fer.convert.affwild2.conversion import convert_affwild2
from yolo_fer.convert.affwild2.frame_choice import FrameChoice
from yolo_fer.convert.affwild2.options import Affwild2Options
from yolo_fer.convert.options import Run
from yolo_fer.convert.rules import BoxConvention, Unlabelled
from yolo_fer.emotions import EMOTION_NAMES
from yolo_fer.errors import UsageError, YoloFerError

IGNORE = Affwild2Options(unlabelled=Unlabelled.IGNORE)
TIGHT = replace(IGNORE, boxes=BoxConvention.RETINAFACE)
THREE = {**TWO, STRANGER: (160, 150, 60)}
ANGER, FEAR, HAPPINESS = 1, 3, 4


@pytest.fixture
def affwild2(tmp_path: Path) -> RawAffwild2:
    return RawAffwild2(tmp_path / "raw")


def faces(out: Path, split: str = "train") -> dict[str, list[tuple[str, float, float]]]:
    """For each image the names of its faces with the centres of their boxes."""
    found = {}
    for path in sorted((out / "labels" / split).rglob("*.txt")):
        rows = [line.split() for line in path.read_text().splitlines()]
        name = path.relative_to(out / "labels" / split).with_suffix("").as_posix()
        found[name] = [(EMOTION_NAMES[int(r[0])], float(r[1]), float(r[2])) for r in rows]
    return found


def dropped(out: Path) -> list[tuple[str, str, str]]:
    with (out / "dropped.csv").open(newline="") as file:
        return [(Path(r["image"]).name, r["line"], r["reason"]) for r in csv.DictReader(file)]


def test_a_frame_is_named_by_its_line_and_its_video(affwild2: RawAffwild2, tmp_path: Path) -> None:
    affwild2.video("1-30-320x240.mp4", [ALONE] * 4)
    affwild2.labels("1-30-320x240", [-1, ANGER, 7, FEAR])
    out = tmp_path / "out"
    report = convert(affwild2, out)
    assert {k: [e for e, _, _ in v] for k, v in faces(out).items()} == {
        "1-30-320x240/00002": ["anger"],
        "1-30-320x240/00004": ["fear"],
    }
    assert report["dropped"] == {"not_annotated": 1, "other_class": 1}
    rows = manifest(out)
    assert [(r["file"], r["frame"], r["group"], r["split"], r["faces"]) for r in rows] == [
        ("images/train/1-30-320x240/00002.jpg", "2", "1-30-320x240", "train", "1"),
        ("images/train/1-30-320x240/00004.jpg", "4", "1-30-320x240", "train", "1"),
    ]
    assert rows[0]["source_file"] == "videos/batch1/1-30-320x240.mp4"
    assert images.read(out / rows[0]["file"]).shape == (240, 320, 3)
    assert (out / "data.yaml").is_file()
    assert not (out / ".work").exists()
    assert str(tmp_path) not in (out / "conversion_report.json").read_text()


def test_the_official_splits_are_kept_and_validation_is_dealt_by_video(
    affwild2: RawAffwild2, tmp_path: Path
) -> None:
    for i in range(8):
        affwild2.video(f"v{i}.mp4", [ALONE] * 2)
        affwild2.labels(f"v{i}", [ANGER, FEAR], "Validation_Set" if i else "Training_Set")
    convert(affwild2, tmp_path / "out")
    splits: dict[str, set[str]] = {}
    for row in manifest(tmp_path / "out"):
        splits.setdefault(row["group"], set()).add(row["split"])
    assert splits.pop("v0") == {"train"}
    assert all(len(found) == 1 for found in splits.values())
    assert {s for found in splits.values() for s in found} == {"val", "test"}
    convert(affwild2, tmp_path / "test", replace(DEFAULT, test=1))
    assert {r["split"] for r in manifest(tmp_path / "test")} == {"train", "test"}


def test_both_label_files_of_a_video_name_their_own_person(
    affwild2: RawAffwild2, tmp_path: Path
) -> None:
    affwild2.video("30-30-320x240.mp4", [TWO] * 5)
    affwild2.labels("30-30-320x240_left", [HAPPINESS] * 5)
    affwild2.labels("30-30-320x240_right", [FEAR] * 4 + [-1])
    affwild2.video("video2.mp4", [TWO] * 3)
    affwild2.labels("video2", [ANGER] * 3)
    affwild2.labels("video2_right", [HAPPINESS] * 3)
    report = convert(affwild2, tmp_path / "out", IGNORE)
    assert report["faces_out"] == 15
    assert report["images_out"] == 8
    for name, found in faces(tmp_path / "out").items():
        sides = {emotion: "left" if x < 0.5 else "right" for emotion, x, _ in found}
        if name.startswith("video2"):
            assert sides == {"anger": "left", "happiness": "right"}, name
        else:
            assert sides["happiness"] == "left", name
            assert name.endswith("00005") or sides["fear"] == "right", name
    last = next(r for r in manifest(tmp_path / "out") if r["file"].endswith("30-320x240/00005.jpg"))
    assert (last["faces"], last["ignored"]) == ("1", "1"), "a person without a label is nobody"


def test_faces_that_nobody_labelled_are_treated_as_the_option_says(
    affwild2: RawAffwild2, tmp_path: Path
) -> None:
    affwild2.video("a.mp4", [TWO] * 3)
    affwild2.labels("a", [ANGER] * 3)
    affwild2.video("b.mp4", [TWO] * 3)
    affwild2.labels("b", [ANGER] * 3, "Validation_Set")
    right = slice(90, 130), slice(225, 255)
    pixels = {}
    for mode in Unlabelled:
        options = Affwild2Options(unlabelled=mode, test=1)
        out = tmp_path / mode
        if mode is Unlabelled.DROP:
            with pytest.raises(YoloFerError, match="image_with_unlabelled_faces"):
                convert(affwild2, out, options)
            continue
        convert(affwild2, out, options)
        rows = {r["group"]: r for r in manifest(out)}
        ignored = "0" if mode is Unlabelled.KEEP else "1"
        assert {r["ignored"] for r in rows.values()} == {ignored}
        assert rows["a"]["flags"] == ("masked" if mode is Unlabelled.MASK else "")
        pixels[mode] = {g: images.read(out / r["file"])[right] for g, r in rows.items()}
    assert np.abs(pixels[Unlabelled.MASK]["a"].astype(int) - 114).max() < 12
    for mode, video in ((Unlabelled.MASK, "b"), (Unlabelled.IGNORE, "a"), (Unlabelled.KEEP, "a")):
        assert pixels[mode][video].std() > 12, "never painted: test images, and other modes"


def test_boxes_are_brought_to_either_convention_from_the_same_found_faces(
    affwild2: RawAffwild2, tmp_path: Path
) -> None:
    affwild2.video("a.mp4", [ALONE] * 2)
    affwild2.labels("a", [ANGER] * 2)
    convert(affwild2, tmp_path / "expw", IGNORE)
    kept = contents(tmp_path / "cache")
    assert len(kept) == 1
    convert(affwild2, tmp_path / "tight", TIGHT)
    assert contents(tmp_path / "cache") == kept, "nothing was found anew"
    wide, tight = (
        (tmp_path / name / "labels/train/a/00001.txt").read_text().split()
        for name in ("expw", "tight")
    )
    assert float(wide[3]) * 320 == pytest.approx(float(wide[4]) * 240, abs=0.1), "a square"
    assert float(tight[3]) * 320 < 0.9 * float(tight[4]) * 240


def test_a_denser_stride_finds_only_what_is_missing(
    affwild2: RawAffwild2, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from yolo_fer.faces.retinaface import RetinaFace

    affwild2.video("a.mp4", [ALONE] * 12)
    affwild2.labels("a", [ANGER] * 12)
    searched = []
    find = RetinaFace.find

    def count(self: RetinaFace, pictures: list[images.Image]) -> Any:
        searched.append(len(pictures))
        return find(self, pictures)

    monkeypatch.setattr(RetinaFace, "find", count)
    convert(affwild2, tmp_path / "4", replace(DEFAULT, frames=FrameChoice(stride=4)))
    assert sum(searched) == 3
    convert(affwild2, tmp_path / "2", replace(DEFAULT, frames=FrameChoice(stride=2)))
    assert sum(searched) == 6
    convert(affwild2, tmp_path / "1")
    assert sum(searched) == 12
    convert(affwild2, tmp_path / "fresh", cache=tmp_path / "other")
    assert contents(tmp_path / "1") == contents(tmp_path / "fresh")


def test_a_damaged_cache_is_made_anew_and_an_unwritable_one_is_told(
    affwild2: RawAffwild2, tmp_path: Path
) -> None:
    affwild2.video("a.mp4", [ALONE] * 2)
    affwild2.labels("a", [ANGER] * 2)
    convert(affwild2, tmp_path / "1")
    (kept,) = (p for p in (tmp_path / "cache").rglob("*") if p.is_file())
    whole = kept.read_bytes()
    kept.write_bytes(whole[:50])
    convert(affwild2, tmp_path / "2")
    assert kept.read_bytes() == whole
    assert contents(tmp_path / "1") == contents(tmp_path / "2")
    (tmp_path / "file").touch()
    report = convert(affwild2, tmp_path / "3", cache=tmp_path / "file")
    assert report["faces_out"] == 2
    assert any("cannot be kept" in warning for warning in report["warnings"])


def test_stride_cap_and_balance_are_counted(affwild2: RawAffwild2, tmp_path: Path) -> None:
    affwild2.video("a.mp4", [ALONE] * 20)
    affwild2.labels("a", [ANGER] * 16 + [FEAR] * 4)
    affwild2.video("b.mp4", [ALONE] * 6)
    affwild2.labels("b", [ANGER] * 6, "Validation_Set")

    def reasons(**choice: Any) -> tuple[dict[str, int], dict[str, int]]:
        out = tmp_path / str(len(list(tmp_path.iterdir())))
        report = convert(affwild2, out, replace(DEFAULT, frames=FrameChoice(**choice)))
        return report["dropped"], {k: n for k, n in report["per_split"]["train"].items() if n}

    assert reasons(stride=5) == ({"stride": 20}, {"anger": 4})  # a: 1, 6, 11, 16; b: 1, 6
    assert reasons(max_per_video=4) == ({"over_cap": 18}, {"anger": 3, "fear": 1})
    assert reasons(balance=True) == ({"balance": 12}, {"anger": 4, "fear": 4})


def test_a_video_of_which_the_stride_leaves_nothing_is_counted(
    affwild2: RawAffwild2, tmp_path: Path
) -> None:
    affwild2.video("a.mp4", [ALONE] * 12)
    affwild2.labels("a", [-1] + [ANGER] * 9 + [-1] * 2)  # 1 and 11 have no label
    affwild2.video("b.mp4", [ALONE])
    affwild2.labels("b", [FEAR])
    options = replace(DEFAULT, frames=FrameChoice(stride=10))
    report = convert(affwild2, tmp_path / "out", options)
    assert report["dropped"] == {"not_annotated": 3, "stride": 9}
    assert report["per_split"]["train"]["fear"] == 1


def test_a_label_file_without_a_video_and_the_reverse_are_told(
    affwild2: RawAffwild2, tmp_path: Path
) -> None:
    affwild2.video("a.mp4", [ALONE] * 2)
    affwild2.labels("a", [ANGER] * 2)
    affwild2.labels("gone", [ANGER, -1, FEAR])
    affwild2.video("lonely.mp4", [ALONE] * 2)
    report = convert(affwild2, tmp_path / "out")
    assert report["dropped"] == {"missing_video": 2, "not_annotated": 1}
    assert "videos without a label file: 1 (lonely)" in report["warnings"]
    assert ("gone.txt", "1", "missing_video") in dropped(tmp_path / "out")


def test_broken_videos_are_told_and_the_rest_is_converted(
    affwild2: RawAffwild2, tmp_path: Path
) -> None:
    good = affwild2.video("good.avi", [ALONE] * 3)
    folder = good.parent
    rng = np.random.default_rng(0)
    noisy = (
        np.clip(scene(ALONE).astype(int) + rng.integers(-20, 20, (240, 320, 3)), 0, 255)
        for _ in range(12)
    )
    cut = film(folder / "cut.avi", (image.astype(np.uint8) for image in noisy), codec="mjpeg")
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size * 6 // 10])
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("this is no video")
    film(folder / "zero.avi", [])
    for stem, count in (("good", 3), ("cut", 12), ("empty", 2), ("text", 2), ("zero", 2)):
        affwild2.labels(stem, [ANGER] * count)
    report = convert(affwild2, tmp_path / "out")
    reasons = report["dropped"]
    assert (reasons["empty_video"], reasons["not_a_video"], reasons["no_frames"]) == (2, 2, 2)
    assert 2 < reasons["damaged_video"] < 10
    assert report["faces_out"] == 3 + 12 - reasons["damaged_video"]
    told = " ".join(report["warnings"])
    assert all(name in told for name in ("cut.avi", "empty.mp4", "text.mp4", "zero.avi"))


def test_labels_and_frames_that_differ_in_number_are_paired_as_far_as_both_go(
    affwild2: RawAffwild2, tmp_path: Path
) -> None:
    for stem, labels in (("more", 7), ("one_more", 5), ("fewer", 2)):
        affwild2.video(f"{stem}.mp4", [ALONE] * 4)
        affwild2.labels(stem, [ANGER] * labels)
    report = convert(affwild2, tmp_path / "out")
    assert report["dropped"] == {"missing_frame": 4}
    assert report["faces_out"] == 10
    told = [w for w in report["warnings"] if "labels, but" in w]
    assert [w.split("/")[-1] for w in told] == [
        "fewer.txt: 2 labels, but the video has 4 frames",
        "more.txt: 7 labels, but the video has 4 frames",
    ]


def test_rotation_changing_size_and_variable_rates_are_followed(
    affwild2: RawAffwild2, tmp_path: Path
) -> None:
    folder = affwild2.root / "videos"
    lying = [np.rot90(scene(ALONE)).copy()] * 2  # turned counterclockwise: the flag sets it upright
    turned(film(folder / "turned.mp4", lying))
    parts = [
        film(tmp_path / str(i), [scene(ALONE, *size)] * 2, codec="libx264", container="h264")
        for i, size in enumerate(((320, 240), (400, 300)))
    ]
    (folder / "sizes.mp4").write_bytes(b"".join(part.read_bytes() for part in parts))
    times = [0, 40, 600, 620]
    film(folder / "rate.mp4", [scene(ALONE)] * 4, codec="libx264", times_ms=times)
    for stem, count in (("turned", 2), ("sizes", 4), ("rate", 4)):
        affwild2.labels(stem, [ANGER] * count)
    report = convert(affwild2, tmp_path / "out")
    assert (report["faces_out"], report["dropped"]) == (10, {})
    coco = json.loads((tmp_path / "out/annotations/instances_train.json").read_text())
    sizes = {Path(i["file_name"]).parent.name + i["file_name"][-5]: (i["width"], i["height"])
             for i in coco["images"]}  # fmt: skip
    assert sizes["turned1"] == (320, 240)
    assert [sizes[f"sizes{i}"] for i in (1, 2, 3, 4)] == [(320, 240)] * 2 + [(400, 300)] * 2


def test_odd_label_lines_are_read_leniently_or_counted(
    affwild2: RawAffwild2, tmp_path: Path
) -> None:
    affwild2.video("a.mp4", [ALONE] * 6)
    text = f"\ufeff{HEADER},Other, \r\n1.0\r\n\r\n 3 \r\n9\r\nx\r\n4"
    affwild2.labels("a", text.encode())
    report = convert(affwild2, tmp_path / "out")
    assert report["dropped"] == {"bad_label": 3}
    assert [e for found in faces(tmp_path / "out").values() for e, _, _ in found] == [
        "anger", "fear", "happiness",
    ]  # fmt: skip
    assert dropped(tmp_path / "out") == [
        ("a.txt", "2", "bad_label"), ("a.txt", "4", "bad_label"), ("a.txt", "5", "bad_label"),
    ]  # fmt: skip


def test_frames_without_a_face_are_dropped(affwild2: RawAffwild2, tmp_path: Path) -> None:
    affwild2.video("a.mp4", [ALONE] * 3 + [{}] * 3 + [ALONE] * 3)
    affwild2.labels("a", [ANGER] * 9)
    out = tmp_path / "out"
    report = convert(affwild2, out)
    assert report["dropped"] == {"no_face": 3}
    assert dropped(out) == [("a.txt", "4-6", "no_face")]
    assert len(list((out / "images").rglob("*.jpg"))) == report["images_out"] == 6


def test_of_three_people_the_two_who_are_labelled_get_the_labels(
    affwild2: RawAffwild2, tmp_path: Path
) -> None:
    affwild2.video("a.mp4", [TWO] * 3 + [THREE] * 4)
    affwild2.labels("a_left", [HAPPINESS] * 7)
    affwild2.labels("a_right", [FEAR] * 7)
    report = convert(affwild2, tmp_path / "out")
    assert report["faces_out"] == 14
    for found in faces(tmp_path / "out").values():
        assert [(e, x < 0.5) for e, x, _ in found] == [("happiness", True), ("fear", False)]
    assert [r["ignored"] for r in manifest(tmp_path / "out")] == ["0"] * 3 + ["1"] * 4


def test_people_who_cross_get_no_label_that_could_be_the_other_one_s(
    affwild2: RawAffwild2, tmp_path: Path
) -> None:
    steps = np.linspace(0, 1, 41)
    way = [{ANN: (60 + 200 * s, 110, 90), BEN: (260 - 200 * s, 110, 90)} for s in steps]
    affwild2.video("a.mp4", way)
    affwild2.labels("a_left", [HAPPINESS] * 41)
    affwild2.labels("a_right", [FEAR] * 41)
    report = convert(affwild2, tmp_path / "out", IGNORE)
    for name, found in faces(tmp_path / "out").items():
        step = steps[int(name[-5:]) - 1]
        centres = {"happiness": 60 + 200 * step, "fear": 260 - 200 * step}
        for emotion, x, _ in found:
            assert x * 320 == pytest.approx(centres[emotion], abs=20), name
            assert (emotion == "happiness") == (x < 0.5), name
    assert report["faces_out"] >= 24
    assert report["dropped"]["doubt"] >= 30


def test_a_stranger_who_is_larger_for_some_frames_gets_no_label(
    affwild2: RawAffwild2, tmp_path: Path
) -> None:
    passing = {ANN: (80, 110, 80), STRANGER: (240, 110, 120)}
    affwild2.video("a.mp4", [{ANN: (80, 110, 80)}] * 10 + [passing] * 5 + [{}] * 2 + [passing] * 3)
    affwild2.labels("a", [ANGER] * 20)
    report = convert(affwild2, tmp_path / "out", IGNORE)
    assert report["dropped"] == {"no_face": 2}
    assert all(x < 0.4 for found in faces(tmp_path / "out").values() for _, x, _ in found)


def test_nothing_to_convert_is_an_error(affwild2: RawAffwild2, tmp_path: Path) -> None:
    affwild2.video("a.mp4", [{}] * 2)
    affwild2.labels("a", [ANGER, -1])
    with pytest.raises(YoloFerError, match="none of the 2 label lines gives a face"):
        convert(affwild2, tmp_path / "out")


def test_an_output_that_cannot_be_written_is_named(affwild2: RawAffwild2, tmp_path: Path) -> None:
    affwild2.video("a.mp4", [ALONE] * 2)
    affwild2.labels("a", [ANGER] * 2)
    out = tmp_path / "out"
    (out / ".work").mkdir(parents=True)
    convert(affwild2, tmp_path / "whole")
    (tmp_path / "file").touch()
    with pytest.raises(YoloFerError, match="file"):
        convert(affwild2, tmp_path / "file" / "out")
    with pytest.raises(UsageError, match="holds the raw dataset"):
        convert(affwild2, affwild2.root)


@pytest.mark.parametrize("release", ["cropped", "cropped_aligned"])
def test_cropped_faces_alone_are_composed_into_scenes(
    affwild2: RawAffwild2, tmp_path: Path, release: str
) -> None:
    for number, person in enumerate((ANN, BEN, STRANGER, 3, 6, 7)):
        folder = affwild2.root / release / f"v{number}"
        folder.mkdir(parents=True)
        for frame in (1, 2, 4):
            face = scene({person: (56 + frame, 56, 100)}, 112, 112)
            images.write_atomically(folder / f"{frame:05d}.jpg", images.encode_jpeg(face))
        split = "Validation_Set" if number == 5 else "Training_Set"
        affwild2.labels(f"v{number}", [ANGER, FEAR, HAPPINESS, -1], split)
    report = convert(affwild2, tmp_path / "out", replace(DEFAULT, test=1))
    assert report["dropped"] == {"missing_crop": 6, "not_annotated": 6}
    assert report["faces_out"] == 12
    assert report["images_out"] < 12
    assert any("composed into scenes" in warning for warning in report["warnings"])
    members: dict[str, set[str]] = {}
    for row in manifest(tmp_path / "out"):
        for file in row["source_file"].split("|"):
            members.setdefault(row["split"], set()).add(Path(file).parent.name)
    assert members == {"train": {f"v{i}" for i in range(5)}, "test": {"v5"}}


def test_workers_and_cores_change_no_byte(affwild2: RawAffwild2, tmp_path: Path) -> None:
    for i in range(4):
        affwild2.video(f"v{i}.mp4", [TWO if i % 2 else ALONE] * (3 + i))
        affwild2.labels(f"v{i}", [i] * (3 + i), "Validation_Set" if i == 3 else "Training_Set")
    convert(affwild2, tmp_path / "one")
    convert(affwild2, tmp_path / "two", cache=tmp_path / "other", run=Run(workers=2))
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_every_face_of_the_research_data_is_boxed_on_the_right_person(
    shared: Path, tmp_path: Path
) -> None:
    from yolo_fer.emotions import AFFWILD2

    if not (shared / "affwild2").is_dir():
        pytest.skip("the small release in ../shared/data/affwild2 is not here")
    options = replace(IGNORE, frames=FrameChoice(stride=5))
    options = replace(options, cache=tmp_path / "c")
    report = convert_affwild2(shared / "affwild2", tmp_path / "out", options)
    assert report is not None
    found = {name: rows for s in ("train", "val", "test")
             for name, rows in faces(tmp_path / "out", s).items()}  # fmt: skip
    truth: dict[str, list[tuple[str, str]]] = {}
    with (shared / "affwild2" / "truth.csv").open() as file:
        for row in csv.DictReader(file):
            if (int(row["frame"]) - 1) % 5 == 0:
                name = f"{row['video']}/{int(row['frame']):05d}"
                emotion = AFFWILD2[int(row["label"])].label
                truth.setdefault(name, []).append((row["side"], emotion))
    right = 0
    for name, rows in found.items():
        for emotion, x, _ in rows:
            sides = ("all", "left" if x < 0.5 else "right")
            assert any((side, emotion) in truth[name] for side in sides), name
            right += 1
    assert right >= 0.99 * sum(map(len, truth.values()))


def test_the_command_says_what_it_did(affwild2: RawAffwild2, tmp_path: Path) -> None:
    affwild2.video("a.mp4", [ALONE] * 4)
    affwild2.labels("a", [ANGER, -1, FEAR, 9])
    environment = {**os.environ, "YOLO_FER_CACHE": str(tmp_path / "user")}
    run = command(affwild2, tmp_path / "out", "--workers", "1", "--strict")
    done = subprocess.run(run, capture_output=True, text=True, env=environment)
    assert done.returncode == 1, "the label 9 is bad"
    assert "1 bad rows" in done.stderr
    assert "dropped: not_annotated" in done.stdout
    assert list((tmp_path / "user" / "detections").rglob("*.npz")), "kept in the user's cache"
    counts = Counter(reason for _, _, reason in dropped(tmp_path / "out"))
    assert counts == {"not_annotated": 1, "bad_label": 1}
    wrong = subprocess.run(
        command(affwild2, tmp_path / "x", "--stride", "0"), capture_output=True, text=True
    )
    assert wrong.returncode == 2
