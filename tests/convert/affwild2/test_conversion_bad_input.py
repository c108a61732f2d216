"""Releases with files that are missing, broken or odd."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.helpers.converted_affwild2 import ALONE, ANGER, FEAR, TWO, convert, dropped, faces
from tests.helpers.raw_affwild2 import HEADER, RawAffwild2, film, scene
from yolo_fer.errors import UsageError, YoloFerError


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


def test_a_label_file_that_cannot_be_read_is_counted(affwild2: RawAffwild2, tmp_path: Path) -> None:
    affwild2.video("a.mp4", [TWO] * 2)
    affwild2.labels("a", [ANGER] * 2)
    (affwild2.label_set / "Training_Set" / "a_right.txt").symlink_to("nowhere.txt")
    report = convert(affwild2, tmp_path / "out")
    assert report["dropped"] == {"unreadable_label_file": 1}
    assert ("a_right.txt", "1", "unreadable_label_file") in dropped(tmp_path / "out")
    assert [w for w in report["warnings"] if "a_right.txt cannot be read" in w]
    assert not [w for w in report["warnings"] if "labels, but" in w]
    left = [x for found in faces(tmp_path / "out").values() for _, x, _ in found]
    assert len(left) == 2 and max(left) < 0.5, "the other person is on the right"


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


def test_nothing_to_convert_is_an_error(affwild2: RawAffwild2, tmp_path: Path) -> None:
    affwild2.video("a.mp4", [{}] * 2)
    affwild2.labels("a", [ANGER, -1])
    with pytest.raises(YoloFerError, match="none of the 2 label lines can be used"):
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
