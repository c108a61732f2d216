from __future__ import annotations

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
from tests.helpers.converted_affwild2 import (
    ALONE,
    ANGER,
    DEFAULT,
    FEAR,
    HAPPINESS,
    IGNORE,
    TWO,
    command,
    convert,
    dropped,
    faces,
)
from tests.helpers.raw_affwild2 import ANN, BEN, STRANGER, RawAffwild2, film, scene, turned
from yolo_fer import images
from yolo_fer.convert.affwild2.frame_choice import FrameChoice
from yolo_fer.convert.options import Run
from yolo_fer.convert.rules import BoxConvention
from yolo_fer.files import write_atomically

TIGHT = replace(IGNORE, boxes=BoxConvention.RETINAFACE)


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


def test_the_parts_of_a_recording_are_in_one_split(affwild2: RawAffwild2, tmp_path: Path) -> None:
    for stem in (f"{k}-30-320x240-{part}" for k in range(4) for part in (1, 2, 3)):
        affwild2.video(f"{stem}.mp4", [ALONE])
        affwild2.labels(stem, [ANGER], "Validation_Set")
    convert(affwild2, tmp_path / "out", replace(DEFAULT, test=0.5))
    splits = [(row["group"], row["split"]) for row in manifest(tmp_path / "out")]
    assert len(splits) == 12
    assert sorted({group for group, _ in splits}) == [f"{k}-30-320x240" for k in range(4)]
    assert len(set(splits)) == 4
    assert {split for _, split in splits} == {"val", "test"}


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
    affwild2.labels("gone", [HAPPINESS])  # a release of which some videos are here
    lost = {"balance": 12, "missing_video": 1}
    assert reasons(balance=True) == (lost, {"anger": 4, "fear": 4})


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


@pytest.mark.parametrize("release", ["cropped", "cropped_aligned"])
def test_cropped_faces_alone_are_composed_into_scenes(
    affwild2: RawAffwild2, tmp_path: Path, release: str
) -> None:
    for number, person in enumerate((ANN, BEN, STRANGER, 3, 6, 7)):
        folder = affwild2.root / release / f"v{number}"
        folder.mkdir(parents=True)
        for frame in (1, 2, 4):
            face = scene({person: (56 + frame, 56, 100)}, 112, 112)
            write_atomically(folder / f"{frame:05d}.jpg", images.encode_jpeg(face))
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
